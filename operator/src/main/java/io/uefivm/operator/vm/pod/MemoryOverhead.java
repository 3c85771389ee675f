package io.uefivm.operator.vm.pod;

import io.uefivm.api.v1alpha1.GraphicsType;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;

/**
 * Host memory that a VM takes beyond its guest's: what the pod requests on top. An estimate from above, in this order:
 *
 * <ul>
 *   <li>64 MiB for QEMU itself: code, heap, device models, block layer buffers, both firmware images, and the pod's hold
 *       container;
 *   <li>guest memory / 512 for its page tables (8 bytes per 4 KiB page), none of it with huge pages;
 *   <li>8 MiB per virtual CPU: its thread's stack and KVM's own structures;
 *   <li>32 MiB for an emulated screen: 16 MiB of video memory, and the VNC server's copy of it;
 *   <li>24 MiB for swtpm;
 *   <li>1 GiB with passed-through devices: VFIO counts the mapped device memory as locked.
 * </ul>
 *
 * There is no share for a launcher, libvirt or any monitor in the pod: one libvirt and one agent serve the whole host.
 */
public final class MemoryOverhead {
    private static final long MIB = 1L << 20;
    private static final long QEMU = 64 * MIB;
    private static final long GUEST_BYTES_PER_PAGE_TABLE_BYTE = 512;
    private static final long PER_CPU = 8 * MIB;
    private static final long SCREEN = 32 * MIB;
    private static final long TPM = 24 * MIB;
    private static final long PASSTHROUGH = 1024 * MIB;

    private MemoryOverhead() {}

    /** The overhead in bytes, whole MiB. */
    public static long bytes(UefiVirtualMachineSpec spec) {
        long bytes = QEMU + PER_CPU * spec.cpu().count();
        if (spec.memory().hugepages() == null) {
            bytes += spec.memory().bytes() / GUEST_BYTES_PER_PAGE_TABLE_BYTE;
        }
        if (spec.effectiveGraphics() != GraphicsType.None) {
            bytes += SCREEN;
        }
        if (spec.tpm().enabled()) {
            bytes += TPM;
        }
        if (!spec.devices().isEmpty()) {
            bytes += PASSTHROUGH;
        }
        return (bytes + MIB - 1) / MIB * MIB;
    }
}
