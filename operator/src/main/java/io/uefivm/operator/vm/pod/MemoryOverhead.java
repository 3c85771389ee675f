package io.uefivm.operator.vm.pod;

import io.uefivm.api.v1alpha1.Device;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.GraphicsType;
import io.uefivm.api.v1alpha1.PciDevice;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Host memory that a VM takes beyond its guest's: what the pod requests on top. An estimate from above. In this order:
 *
 * <ul>
 *   <li>64 MiB for QEMU itself: code, heap, device models, block layer buffers, both firmware images, and the pod's hold
 *       container;
 *   <li>guest memory / 256 for page tables: 8 bytes per 4 KiB page in QEMU's own and as many in KVM's, none of it with
 *       huge pages;
 *   <li>8 MiB per virtual CPU: its thread's stack and KVM's own structures;
 *   <li>8 MiB per disk with an I/O thread;
 *   <li>32 MiB for an emulated screen: 16 MiB of video memory, and the VNC server's copy of it;
 *   <li>24 MiB for swtpm;
 *   <li>with passed-through devices the IOMMU's page tables of the guest's memory, another 1/512, for the whole of it is
 *       mapped for DMA; and for each device 16 MiB for QEMU's model of it, with a copy of its ROM, and 3/512 of its
 *       memory for the page tables of QEMU, KVM and the IOMMU that map it.
 * </ul>
 *
 * The memory of the devices is that of the largest of the kind in the cluster, by what hosts say of their BARs; 1 GiB of
 * overhead for one of which no host says anything, as devices of other device plugins.
 *
 * <p>There is no share for a launcher, libvirt or any monitor in the pod: one libvirt and one agent serve the whole host.
 */
public final class MemoryOverhead {
    private static final long MIB = 1L << 20;
    private static final long QEMU = 64 * MIB;
    /** 8 bytes describe 4 KiB. */
    private static final long BYTES_PER_PAGE_TABLE_BYTE = 512;

    private static final long PER_CPU = 8 * MIB;
    private static final long PER_IO_THREAD = 8 * MIB;
    private static final long SCREEN = 32 * MIB;
    private static final long TPM = 24 * MIB;
    private static final long PER_DEVICE = 16 * MIB;
    private static final long UNKNOWN_DEVICE = 1024 * MIB;
    /** Those of QEMU, of KVM and of the IOMMU. */
    private static final int TABLES_OF_DEVICES = 3;

    private MemoryOverhead() {}

    /**
     * The overhead in bytes, whole MiB.
     *
     * @param deviceMemory BARs of a device of that kind, in bytes; empty if nobody knows
     */
    public static long bytes(UefiVirtualMachineSpec spec, Function<PciDevice, OptionalLong> deviceMemory) {
        long tables = spec.memory().hugepages() == null ? spec.memory().bytes() / BYTES_PER_PAGE_TABLE_BYTE : 0;
        long bytes = QEMU + 2 * tables + PER_CPU * spec.cpu().count();
        bytes += PER_IO_THREAD * spec.disks().stream().filter(Disk::hasIoThread).count();
        if (spec.effectiveGraphics() != GraphicsType.None) {
            bytes += SCREEN;
        }
        if (spec.tpm().enabled()) {
            bytes += TPM;
        }
        if (!spec.devices().isEmpty()) {
            bytes += tables;
        }
        for (Device device : spec.devices()) {
            OptionalLong memory = deviceMemory.apply(device.pci());
            bytes += memory.isEmpty()
                    ? UNKNOWN_DEVICE
                    : PER_DEVICE + TABLES_OF_DEVICES * memory.getAsLong() / BYTES_PER_PAGE_TABLE_BYTE;
        }
        return (bytes + MIB - 1) / MIB * MIB;
    }
}
