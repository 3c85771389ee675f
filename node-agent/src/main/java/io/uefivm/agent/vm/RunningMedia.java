package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.CdromDrive;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.VolumeException;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskBus;
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
 * Brings the media in the CD-ROM drives of a running domain to what the spec says. What is in a drive is asked of libvirt
 * each time, so that nothing is forgotten with a restart of the agent.
 */
final class RunningMedia {
    private final Hypervisor hypervisor;
    private final DiskSources sources;
    /** What was said last of a medium that cannot be changed, by VM and disk: said once. */
    private final Map<String, String> said = new ConcurrentHashMap<>();

    RunningMedia(Hypervisor hypervisor, DiskSources sources) {
        this.hypervisor = hypervisor;
        this.sources = sources;
    }

    MediaChange follow(UefiVirtualMachine vm, Pod pod, UUID domain) throws HypervisorException {
        List<Disk> changeable = vm.getSpec().disks().stream()
                .filter(disk -> disk.cdrom() != null && disk.attachedTo() != DiskBus.USB)
                .toList();
        if (changeable.isEmpty()) {
            return MediaChange.NONE;
        }
        List<CdromDrive> drives =
                hypervisor.describe(domain).map(CdromDrive::of).orElse(List.of());
        var notes = new ArrayList<Note>();
        boolean pending = false;
        for (Disk disk : changeable) {
            Optional<CdromDrive> drive =
                    drives.stream().filter(one -> one.isOf(disk)).findFirst();
            if (drive.isEmpty() || asSpecified(vm, disk, drive.get())) {
                said.remove(key(vm, disk));
                continue;
            }
            Note note = change(vm, pod, domain, disk, drive.get());
            pending |= note.warning();
            if (!note.warning() || !note.message().equals(said.put(key(vm, disk), note.message()))) {
                notes.add(note);
            }
        }
        return new MediaChange(notes, pending);
    }

    private boolean asSpecified(UefiVirtualMachine vm, Disk disk, CdromDrive drive) {
        return drive.medium()
                .map(path -> sources.isOf(vm.getMetadata().getUid(), disk, path))
                .orElse(disk.ejected());
    }

    private static String key(UefiVirtualMachine vm, Disk disk) {
        return vm.getMetadata().getUid() + "/" + disk.name();
    }

    private Note change(UefiVirtualMachine vm, Pod pod, UUID domain, Disk disk, CdromDrive drive)
            throws HypervisorException {
        String what = "disks[" + disk.name() + "]: ";
        try {
            hypervisor.updateDevice(domain, drive.with(sources.of(vm, pod, disk), disk.effectiveFormat()));
            return disk.ejected()
                    ? new Note(false, Reason.MediumEjected, what + "the medium was ejected")
                    : new Note(false, Reason.MediumInserted, what + "inserted " + medium(disk));
        } catch (VolumeException e) {
            return new Note(true, e.reason(), what + e.getMessage());
        } catch (Failure e) {
            return new Note(true, e.reason(), what + e.getMessage());
        } catch (PathException e) {
            return new Note(true, Reason.ClaimUnsafe, what + e.getMessage());
        } catch (HypervisorException e) {
            if (e.kind() != HypervisorException.Kind.REFUSED) {
                throw e;
            }
            return new Note(
                    true,
                    Reason.MediumLocked,
                    what + "the medium cannot be changed while the guest holds it; unmount it there. It is tried again"
                            + " every few seconds. libvirt says: " + Objects.requireNonNullElse(e.getMessage(), ""));
        }
    }

    private static String medium(Disk disk) {
        return disk.claimName()
                .map(claim -> disk.imageFile() + " of claim " + claim)
                .orElse("the medium that the spec describes");
    }
}
