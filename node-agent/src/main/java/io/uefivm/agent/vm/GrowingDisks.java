package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Quantity;
import io.uefivm.agent.hypervisor.DiskSize;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskBus;
import io.uefivm.api.v1alpha1.DiskFormat;
import io.uefivm.api.v1alpha1.ExpandedDisk;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets the disks of a running domain grow with their claims. How large a disk is, is asked of libvirt each time. Nothing is
 * ever made smaller.
 */
final class GrowingDisks {
    private static final long MIB = 1L << 20;
    /** What CDI leaves to the file system of a claim around an image, in percent. */
    private static final int OVERHEAD = 6;

    private final Hypervisor hypervisor;
    private final StableBinds binds;
    /** What was said last of a disk that did not grow, by VM and disk: said once. */
    private final Map<String, String> said = new ConcurrentHashMap<>();

    GrowingDisks(Hypervisor hypervisor, StableBinds binds) {
        this.hypervisor = hypervisor;
        this.binds = binds;
    }

    /**
     * Lets them grow.
     *
     * @return what is new
     * @throws HypervisorException UNAVAILABLE when libvirt could not be asked; to be tried again
     */
    List<Note> follow(UefiVirtualMachine vm, UUID domain) throws HypervisorException {
        List<ExpandedDisk> expanded = Objects.requireNonNull(vm.getStatus()).expandedDisks();
        if (expanded.isEmpty()) {
            return List.of();
        }
        String description = hypervisor.describe(domain).orElse("");
        var notes = new ArrayList<Note>();
        for (Disk disk : vm.getSpec().disks()) {
            for (ExpandedDisk one : expanded) {
                if (one.name().equals(disk.name()) && !disk.effectivelyReadOnly()) {
                    follow(vm, domain, description, disk, one).ifPresent(notes::add);
                }
            }
        }
        return notes;
    }

    private Optional<Note> follow(
            UefiVirtualMachine vm, UUID domain, String description, Disk disk, ExpandedDisk expanded)
            throws HypervisorException {
        String uid = vm.getMetadata().getUid();
        String device = binds.device(uid, disk.name()).toString();
        String image = binds.image(uid, disk.name(), disk.imageFile()).toString();
        boolean block = description.contains(device);
        if (!block && !description.contains(image)) {
            // Not a disk of this domain yet: the spec has changed since it started.
            return Optional.empty();
        }
        String path = block ? device : image;
        String what = "disks[" + disk.name() + "]: ";
        try {
            Optional<DiskSize> size = hypervisor.diskSize(domain, path);
            if (size.isEmpty()) {
                return Optional.empty();
            }
            long target = block ? ofDevice(disk, size.get()) : ofImage(expanded);
            if (target <= size.get().bytes()) {
                said.remove(uid + "/" + disk.name());
                return Optional.empty();
            }
            hypervisor.resizeDisk(domain, path, target);
            return Optional.of(new Note(
                    false,
                    Reason.DiskGrew,
                    what + "grew from " + size.get().bytes() / MIB + " MiB to " + target / MIB + " MiB with its claim"
                            + (tellsTheGuest(disk) ? "" : "; the guest sees that after its next cold start")));
        } catch (HypervisorException e) {
            if (e.kind() == HypervisorException.Kind.UNAVAILABLE) {
                throw e;
            }
            String message = what + "its claim was expanded to " + expanded.claimCapacity()
                    + ", and the disk could not follow; the next change of the VM or a cold start tries again. libvirt says: "
                    + Objects.requireNonNullElse(e.getMessage(), "");
            return message.equals(said.put(uid + "/" + disk.name(), message))
                    ? Optional.empty()
                    : Optional.of(new Note(true, Reason.DiskNotGrown, message));
        }
    }

    /** A raw disk is as large as its device. What a qcow2 image on one may grow to, nobody can tell. */
    private static long ofDevice(Disk disk, DiskSize size) {
        return disk.effectiveFormat() == DiskFormat.QCOW2 ? 0 : size.storageBytes();
    }

    /** An image leaves some of its claim to the file system; whole MiB, as partitions are aligned. */
    private static long ofImage(ExpandedDisk expanded) {
        long claim =
                Quantity.parse(expanded.claimCapacity()).getNumericalAmount().longValue();
        return claim / 100 * (100 - OVERHEAD) / MIB * MIB;
    }

    /** QEMU's AHCI and NVMe have no means to. */
    private static boolean tellsTheGuest(Disk disk) {
        return disk.attachedTo() != DiskBus.SATA && disk.attachedTo() != DiskBus.NVME;
    }
}
