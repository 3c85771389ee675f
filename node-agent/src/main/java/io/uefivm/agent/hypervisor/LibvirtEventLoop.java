package io.uefivm.agent.hypervisor;

import org.libvirt.Connect;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The C library's event loop, one for the process. It has to be registered before the first connection is made, and to
 * run for keepalives to be answered; without that long operations lose their connection (CloudStack PR 8437).
 */
final class LibvirtEventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtEventLoop.class);
    private static final int PAUSE_MILLIS = 1000;

    /**
     * libvirt prints errors to standard error unless it is given somewhere else to put them. Held in a field because the
     * C library's pointer to it does not keep it from being collected.
     */
    private static final Libvirt.VirErrorCallback ERRORS =
            (userData, error) -> LOG.debug("libvirt code={} message={}", error.code, error.message);

    static {
        try {
            Library.initEventLoop();
            Connect.setErrorCallback(ERRORS);
        } catch (LibvirtException e) {
            throw new IllegalStateException("libvirt's event loop cannot be registered", e);
        }
        Thread loop = new Thread(LibvirtEventLoop::run, "libvirt-events");
        loop.setDaemon(true);
        loop.start();
    }

    private LibvirtEventLoop() {}

    /** Returns once the loop runs. */
    static void ensureRunning() {
        // Loading the class did it.
    }

    private static void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Library.processEvent();
            } catch (LibvirtException | RuntimeException e) {
                LOG.error("libvirt's event loop failed, going on", e);
                pause();
            }
        }
    }

    /** What failed once fails again at once: not to burn a processor over it. */
    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
