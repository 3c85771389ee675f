package io.uefivm.agent.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Asks KVM itself whether it offers System Management Mode. libvirt's domain capabilities are not believed: they derive
 * "secure" from the firmware descriptors alone, and QEMU then dies with "System Management Mode not supported by this
 * hypervisor".
 */
final class KvmSmm {
    /** KVM_CHECK_EXTENSION, _IO(KVMIO, 0x03), of linux/kvm.h. */
    private static final long KVM_CHECK_EXTENSION = 0xae03;
    /** KVM_CAP_X86_SMM of linux/kvm.h. */
    private static final long KVM_CAP_X86_SMM = 117;

    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 02000000;

    private KvmSmm() {}

    private interface LibC extends Library {
        int open(String path, int flags) throws LastErrorException;

        int ioctl(int fd, long request, long argument) throws LastErrorException;

        int close(int fd) throws LastErrorException;
    }

    /** Whether this KVM has SMM; false when the device cannot be opened. */
    static boolean available(Path device) {
        if (!Files.exists(device)) {
            return false;
        }
        LibC libc = Native.load("c", LibC.class);
        try {
            int fd = libc.open(device.toString(), O_RDWR | O_CLOEXEC);
            try {
                return libc.ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_X86_SMM) > 0;
            } finally {
                libc.close(fd);
            }
        } catch (LastErrorException e) {
            return false;
        }
    }
}
