package io.uefivm.agent.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Tries whether guests can have a vsock: the device is opened, by which Linux loads its module where there is one. */
final class VhostVsock {
    private VhostVsock() {}

    /** @param device {@code /dev/vhost-vsock} */
    static boolean usable(Path device) {
        try (FileChannel opened = FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return opened.isOpen();
        } catch (IOException e) {
            return false;
        }
    }
}
