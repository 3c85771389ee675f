package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.firmware.FirmwareChoice;
import io.uefivm.agent.host.HostProbe;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.api.v1alpha1.FirmwarePin;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RolloutPart;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Chooses accelerator, machine type and firmware for a VM: what it ran with last where that is still there. */
final class Drafting {
    private final HostProbe host;

    Drafting(HostProbe host) {
        this.host = host;
    }

    /** For a start in this pod. */
    Blueprint draft(UefiVirtualMachine vm, Pod pod) throws Failure, HypervisorException {
        String part = pod.getMetadata().getAnnotations().get(Api.ANNOTATION_FIRMWARE_ROLLOUT);
        return draft(
                vm,
                Stream.of(RolloutPart.values())
                        .filter(known -> known.name().equals(part))
                        .findFirst());
    }

    /** For a domain that runs already. */
    Blueprint draft(UefiVirtualMachine vm) throws Failure, HypervisorException {
        return draft(vm, Optional.empty());
    }

    private Blueprint draft(UefiVirtualMachine vm, Optional<RolloutPart> rollout) throws Failure, HypervisorException {
        UefiVirtualMachineSpec spec = vm.getSpec();
        UefiVirtualMachineStatus status = Objects.requireNonNullElse(vm.getStatus(), UefiVirtualMachineStatus.EMPTY);
        FirmwareKind kind = FirmwareKind.of(spec.firmware().secureBoot());
        Accelerator accelerator = host.accelerator();
        if (kind == FirmwareKind.SECURE_BOOT && !host.smm()) {
            throw new Failure(
                    Reason.SecureBootWithoutSmm,
                    "Secure Boot needs System Management Mode, which " + accelerator.label()
                            + " on this host does not offer; run the VM on a host with it, or set"
                            + " firmware.secureBoot to Disabled in a new VM");
        }
        String machineType = machineType(spec.machineType(), status.machineType(), host.machineTypes());
        FirmwareStatus last = status.firmware();
        FirmwarePin pin = spec.firmware().image();
        FirmwareChoice choice = FirmwareChoice.choose(
                host.firmware(),
                new FirmwareChoice.Need(
                        kind,
                        last == null && InitialStore.needsEnrolledTemplate(spec.firmware()),
                        machineType,
                        pin == null ? null : pin.codeDigest(),
                        last == null ? null : new FirmwareChoice.Ran(last.codeDigest(), last.varsSize()),
                        rollout.orElse(null)));
        if (choice instanceof FirmwareChoice.Chosen chosen) {
            return new Blueprint(accelerator, machineType, chosen.image());
        }
        throw new Failure(Reason.FirmwareNotFound, ((FirmwareChoice.NotFound) choice).message());
    }

    private static String machineType(@Nullable String asked, @Nullable String recorded, List<String> offered)
            throws Failure {
        String wanted = asked != null ? asked : recorded;
        if (wanted == null && !offered.isEmpty()) {
            return offered.get(0);
        }
        if (wanted == null || !offered.contains(wanted)) {
            throw new Failure(
                    Reason.MachineTypeNotFound,
                    "This host has no machine type " + (wanted == null ? "pc-q35" : wanted) + "; it offers "
                            + String.join(", ", offered));
        }
        return wanted;
    }
}
