package io.uefivm.e2e.bench;

import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.controlplane.WriteCounter;
import io.uefivm.e2e.lab.GuestImage;
import io.uefivm.e2e.product.KvmHost;
import io.uefivm.e2e.product.Site;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The product with one real host, ready to run VMs. Its writes go through a counter.
 *
 * @param image a guest that boots
 */
record RealSite(ControlPlane controlPlane, WriteCounter writes, Site site, KvmHost host, Vms vms, GuestImage image)
        implements AutoCloseable {

    /** Comes up and waits until operator and agent are ready. */
    static RealSite start(Settings settings, String name, Progress progress) {
        progress.say("guest image");
        GuestImage image = GuestImage.get();
        progress.say("control plane, operator, a host and its agent");
        ControlPlane controlPlane = ControlPlane.start();
        try {
            WriteCounter writes = WriteCounter.before(controlPlane);
            try {
                Path work = settings.work().resolve(name);
                Files.createDirectories(work);
                Site site = Site.start(controlPlane, settings.root(), work, writes.kubeconfig());
                try {
                    site.startOperator();
                    KvmHost host = site.addHost("bench");
                    site.operator().awaitReady();
                    host.agent().awaitReady();
                    progress.say("ready, on %s", controlPlane.kind().label());
                    return new RealSite(controlPlane, writes, site, host, new Vms(site.client()), image);
                } catch (RuntimeException e) {
                    site.close();
                    throw e;
                }
            } catch (IOException e) {
                writes.close();
                throw new UncheckedIOException(e);
            } catch (RuntimeException e) {
                writes.close();
                throw e;
            }
        } catch (RuntimeException e) {
            controlPlane.close();
            throw e;
        }
    }

    static String domain(String vm) {
        return Vms.NAMESPACE + "." + vm;
    }

    @Override
    public void close() {
        site.close();
        writes.close();
        controlPlane.close();
    }
}
