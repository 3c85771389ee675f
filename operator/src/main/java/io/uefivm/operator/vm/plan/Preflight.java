package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.HostView;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.pod.NvramClaim;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can be known to be missing before a start is tried; each with the cause and the remedy. */
final class Preflight {

    /** Why a start makes no sense yet. */
    record Obstacle(Reason reason, String message) {}

    private Preflight() {}

    static Optional<Obstacle> check(Observation seen) {
        return nvram(seen).or(() -> disks(seen)).or(() -> roms(seen)).or(() -> hosts(seen));
    }

    private static Optional<Obstacle> nvram(Observation seen) {
        Machine vm = seen.vm();
        if (!vm.spec().keepsState()) {
            return Optional.empty();
        }
        String shared = vm.spec().nvram().sharedClaim();
        if (shared != null) {
            return claim(seen, shared, "for its NVRAM (spec.nvram.sharedClaim)");
        }
        String own = NvramClaim.name(vm.uid());
        if (seen.claims().containsKey(own)) {
            return claim(seen, own, "for its NVRAM");
        }
        if (vm.status().nvram() == null) {
            return Optional.empty();
        }
        // Making an empty claim now would lose boot entries, keys and TPM secrets without a word.
        return Optional.of(new Obstacle(
                Reason.ClaimNotFound,
                "PersistentVolumeClaim \"" + own + "\" with the VM's NVRAM and TPM state is gone from namespace "
                        + vm.namespace() + "; restore it under that name and the VM starts by itself, or delete the VM"
                        + " and create it anew to begin with empty state"));
    }

    private static Optional<Obstacle> disks(Observation seen) {
        return seen.vm().spec().disks().stream()
                .flatMap(disk -> disk.claimName().flatMap(name -> claim(seen, name, disk(disk))).stream())
                .findFirst();
    }

    private static Optional<Obstacle> roms(Observation seen) {
        return seen.vm().spec().devices().stream()
                .flatMap(device -> device
                        .romClaim()
                        .flatMap(rom -> claim(seen, rom.claimName(), "for the ROM of device \"" + device.name() + "\""))
                        .stream())
                .findFirst();
    }

    private static String disk(Disk disk) {
        return "for disk \"" + disk.name() + "\"";
    }

    private static Optional<Obstacle> claim(Observation seen, String name, String purpose) {
        String what = "PersistentVolumeClaim \"" + name + "\" " + purpose;
        ClaimView claim = seen.claims().get(name);
        if (claim == null) {
            return Optional.of(new Obstacle(
                    Reason.ClaimNotFound,
                    what + " not found in namespace " + seen.vm().namespace()
                            + "; create it and the VM starts by itself"));
        }
        if (claim.deleting()) {
            return Optional.of(new Obstacle(
                    Reason.ClaimNotFound,
                    what + " is being deleted; create it anew once it is gone and the VM starts by itself"));
        }
        return claim.lost()
                ? Optional.of(new Obstacle(
                        Reason.ClaimLost,
                        what + " has lost its volume (phase Lost); restore the PersistentVolume that it is bound to"))
                : Optional.empty();
    }

    private static Optional<Obstacle> hosts(Observation seen) {
        if (seen.hosts().isEmpty()) {
            return Optional.of(new Obstacle(
                    Reason.NoHosts,
                    "no host can run VMs: the node agent has not reported from any node; install it on a node with KVM"
                            + " and see \"kubectl get uefihosts\""));
        }
        List<HostView> ready = seen.hosts().stream().filter(HostView::ready).toList();
        if (ready.isEmpty()) {
            return Optional.of(new Obstacle(
                    Reason.NoHosts,
                    "no host is Ready: "
                            + count(seen.hosts().stream()
                                    .map(HostView::message)
                                    .collect(Collectors.groupingBy(
                                            message -> message, LinkedHashMap::new, Collectors.counting())))
                            + "; see \"kubectl get uefihosts\""));
        }
        Map<String, Long> lacks = new LinkedHashMap<>();
        for (HostView host : ready) {
            Optional<String> lack = lack(seen.vm(), host);
            if (lack.isEmpty()) {
                return Optional.empty();
            }
            lacks.merge(lack.get(), 1L, Long::sum);
        }
        return Optional.of(new Obstacle(Reason.NoSuitableHost, "no host can run this VM: " + count(lacks)));
    }

    private static String count(Map<String, Long> texts) {
        return texts.entrySet().stream()
                .map(text -> text.getValue() + (text.getValue() == 1 ? " host: " : " hosts: ") + text.getKey())
                .collect(Collectors.joining("; "));
    }

    private static Optional<String> lack(Machine vm, HostView host) {
        FirmwareKind kind = vm.firmwareKind();
        if (kind == FirmwareKind.SECURE_BOOT && !host.smm()) {
            return Optional.of("no System Management Mode, which Secure Boot needs (KVM without it, or another"
                    + " accelerator; set spec.firmware.secureBoot to Disabled to do without)");
        }
        if (vm.spec().vsock() != null && !host.vsock()) {
            return Optional.of("no vsock, which spec.vsock asks for (load the kernel module vhost_vsock on the node)");
        }
        Optional<String> machine = vm.machineType();
        if (machine.isPresent() && !host.machineTypes().contains(machine.get())) {
            return Optional.of("no machine type " + machine.get());
        }
        if (host.firmware().stream().noneMatch(build -> build.serves(kind))) {
            return Optional.of(
                    kind == FirmwareKind.SECURE_BOOT
                            ? "no firmware for Secure Boot (install the ovmf package)"
                            : "no firmware that runs without System Management Mode (install the ovmf package)");
        }
        return lacksBuild(
                vm, host.firmware().stream().filter(build -> build.serves(kind)).toList());
    }

    /** Of the builds of the right kind, none is the one that is required, or none has stores of the VM's size. */
    private static Optional<String> lacksBuild(Machine vm, List<FirmwareBuild> builds) {
        Optional<String> required = vm.requiredCode();
        List<FirmwareBuild> allowed = builds.stream()
                .filter(build -> required.isEmpty() || required.get().equals(build.codeDigest()))
                .toList();
        if (required.isPresent() && allowed.isEmpty()) {
            return Optional.of(
                    vm.pinnedCode().isPresent()
                            ? "not the firmware build that spec.firmware.image pins (" + required.get() + ")"
                            : "not the firmware build that this VM ran with last (" + required.get()
                                    + "), with which the roll-out policy holds it (chart value firmwareRollout; raise"
                                    + " percentage, give the VM the labels of matchLabels, put that build back beside"
                                    + " the new one, or pin one with spec.firmware.image)");
        }
        Optional<Long> size = vm.varsSize();
        if (size.isPresent() && allowed.stream().noneMatch(build -> size.get().equals(build.varsSize()))) {
            return Optional.of("no firmware for a variable store of " + size.get()
                    + " bytes, which this VM has (spec.nvram.request with action Convert keeps its variables in one of"
                    + " another size)");
        }
        return Optional.empty();
    }
}
