package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.agent.declared.Declaration.Verdict;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Conditions;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.GuestStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootMode;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The status that this agent applies: always all of its fields, because server-side apply removes what an applier
 * leaves out. Pure; each step starts from what the VM's status says already.
 *
 * @param recovered what the start had to work around, for example a torn store; null when all was well
 * @param refusal what the firmware said when it refused a boot loader; null when it did not
 * @param declared how the store compares with the spec
 * @param notes events of this start, which no status keeps
 * @param guest what the guest agent said last; null when there was none
 * @param unreset which devices of the host did not come back in order; null when all did
 */
record VmStatus(
        @Nullable String machineType,
        @Nullable FirmwareStatus firmware,
        @Nullable NvramStatus nvram,
        DomainStatus domain,
        @Nullable Failure failure,
        @Nullable String recovered,
        @Nullable String refusal,
        AsDeclared declared,
        List<Note> notes,
        @Nullable GuestStatus guest,
        @Nullable String unreset) {
    private static final Set<Reason> ABOUT_NVRAM = Set.of(
            Reason.NvramUnreadable, Reason.NvramWrongSize, Reason.NvramFull, Reason.ClaimTooSmall, Reason.ClaimUnsafe);

    /** What the VM's status says now of the epoch {@code domain} speaks of. */
    static VmStatus of(UefiVirtualMachine vm, DomainStatus domain) {
        UefiVirtualMachineStatus now = Objects.requireNonNullElse(vm.getStatus(), UefiVirtualMachineStatus.EMPTY);
        String refusal = now.condition(ConditionType.SecureBootEnforcing)
                .filter(c -> Reason.BootBlocked.name().equals(c.getReason()))
                .map(Condition::getMessage)
                .orElse(null);
        boolean sameEpoch = now.domain() != null && now.domain().epoch().equals(domain.epoch());
        return new VmStatus(
                now.machineType(),
                forgettingBootNext(vm, now.firmware()),
                now.nvram(),
                domain,
                null,
                sameEpoch && now.nvram() != null ? now.nvram().recovered() : null,
                sameEpoch ? refusal : null,
                AsDeclared.of(now),
                List.of(),
                sameEpoch ? now.guest() : null,
                sameEpoch ? unreset(now) : null);
    }

    /** The spec does not ask any more for what was booted once: it can ask for the same again. */
    private static @Nullable FirmwareStatus forgettingBootNext(UefiVirtualMachine vm, @Nullable FirmwareStatus now) {
        return now == null || vm.getSpec().firmware().bootNext() != null ? now : now.withBootNext(null);
    }

    /** The claim that holds the VM's NVRAM, once it is known. */
    @Nullable
    String claimName() {
        return nvram == null ? null : nvram.claimName();
    }

    VmStatus withMachine(String machine, FirmwareStatus build) {
        return new VmStatus(
                machine, build, nvram, domain, failure, recovered, refusal, declared, notes, guest, unreset);
    }

    VmStatus withNvram(NvramStatus store) {
        return new VmStatus(
                machineType,
                firmware,
                store,
                domain,
                failure,
                store.recovered(),
                refusal,
                declared,
                notes,
                guest,
                unreset);
    }

    /** What the store of the running domain says by now, if that is worth a write. */
    VmStatus observing(SecureBootMode mode, StoreReport store) {
        return nvram == null || firmware == null || !store.isNews(nvram, firmware, mode)
                ? this
                : withNvram(store.in(nvram)).withFirmware(store.in(firmware, mode));
    }

    VmStatus withFirmware(FirmwareStatus build) {
        return new VmStatus(
                machineType, build, nvram, domain, failure, recovered, refusal, declared, notes, guest, unreset);
    }

    /** The newest comparison of the store with the spec; the one before stays when there is none. */
    VmStatus compared(Optional<Verdict> verdict) {
        AsDeclared newest = verdict.isPresent() ? new AsDeclared(verdict) : declared;
        return new VmStatus(
                machineType, firmware, nvram, domain, failure, recovered, refusal, newest, notes, guest, unreset);
    }

    VmStatus noting(List<Note> events) {
        return new VmStatus(
                machineType, firmware, nvram, domain, failure, recovered, refusal, declared, events, guest, unreset);
    }

    VmStatus withDomain(DomainStatus newDomain) {
        return new VmStatus(
                machineType, firmware, nvram, newDomain, failure, recovered, refusal, declared, notes, guest, unreset);
    }

    VmStatus withGuest(@Nullable GuestStatus said) {
        return new VmStatus(
                machineType, firmware, nvram, domain, failure, recovered, refusal, declared, notes, said, unreset);
    }

    VmStatus unreset(String which) {
        return new VmStatus(
                machineType, firmware, nvram, domain, failure, recovered, refusal, declared, notes, guest, which);
    }

    private static @Nullable String unreset(UefiVirtualMachineStatus now) {
        return now.condition(ConditionType.DevicesReset)
                .map(Condition::getMessage)
                .orElse(null);
    }

    VmStatus failed(Failure cause) {
        NvramStatus store = cause.answer()
                .map(answer ->
                        Objects.requireNonNullElse(nvram, NvramStatus.EMPTY).answering(answer))
                .orElse(nvram);
        return new VmStatus(
                machineType, firmware, store, domain, cause, recovered, refusal, declared, notes, guest, unreset);
    }

    VmStatus refused(String message) {
        return new VmStatus(
                machineType, firmware, nvram, domain, failure, recovered, message, declared, notes, guest, unreset);
    }

    /** The status to apply; equal to what is there already when there is nothing to say. */
    UefiVirtualMachineStatus toStatus(UefiVirtualMachine vm, Instant now) {
        UefiVirtualMachineStatus before = Objects.requireNonNullElse(vm.getStatus(), UefiVirtualMachineStatus.EMPTY);
        var conditions = Conditions.after(before.conditions(), vm.getMetadata().getGeneration(), now);
        nvramReady(vm, conditions);
        domainRunning(conditions);
        secureBoot(vm, conditions);
        declared.addTo(conditions);
        boolean up = domain.state() != DomainState.Stopped && domain.state() != DomainState.Failed;
        GuestStatus said = up ? guest : null;
        if (said != null) {
            guestAgent(said, conditions);
        }
        if (unreset != null) {
            conditions.with(ConditionType.DevicesReset, false, Reason.DeviceNotReset, unreset);
        }
        return UefiVirtualMachineStatus.ofAgent(machineType, firmware, nvram, domain, said, conditions.build());
    }

    /** What of the VM's status this agent owns, to compare with {@link #toStatus}. */
    static UefiVirtualMachineStatus ownPart(UefiVirtualMachine vm) {
        UefiVirtualMachineStatus now = Objects.requireNonNullElse(vm.getStatus(), UefiVirtualMachineStatus.EMPTY);
        Set<String> own = Set.of(
                ConditionType.NvramReady.name(),
                ConditionType.DomainRunning.name(),
                ConditionType.SecureBootEnforcing.name(),
                ConditionType.FirmwareAsDeclared.name(),
                ConditionType.GuestAgentConnected.name(),
                ConditionType.DevicesReset.name());
        return UefiVirtualMachineStatus.ofAgent(
                now.machineType(),
                now.firmware(),
                now.nvram(),
                now.domain(),
                now.guest(),
                now.conditions().stream().filter(c -> own.contains(c.getType())).toList());
    }

    private void nvramReady(UefiVirtualMachine vm, Conditions conditions) {
        if (!vm.getSpec().keepsState()) {
            conditions.with(
                    ConditionType.NvramReady,
                    true,
                    Reason.NvramPrepared,
                    "spec.firmware.layout is Stateless: variables are gone with the guest");
        } else if (failure != null && ABOUT_NVRAM.contains(failure.reason())) {
            conditions.with(ConditionType.NvramReady, false, failure.reason(), message(failure));
        } else if (nvram == null || nvram.generation() == null) {
            conditions.unknown(ConditionType.NvramReady, Reason.Pending, "The state was not prepared yet");
        } else if (recovered != null) {
            conditions.with(ConditionType.NvramReady, true, Reason.NvramRecovered, recovered);
        } else if (domain.state() == DomainState.Stopped) {
            conditions.with(
                    ConditionType.NvramReady,
                    true,
                    Reason.NvramCommitted,
                    "Generation " + nvram.generation() + " is committed");
        } else {
            conditions.with(
                    ConditionType.NvramReady,
                    true,
                    Reason.NvramPrepared,
                    "Started from generation " + nvram.generation());
        }
    }

    private static void guestAgent(GuestStatus said, Conditions conditions) {
        boolean connected = Boolean.TRUE.equals(said.agentConnected());
        conditions.with(
                ConditionType.GuestAgentConnected,
                connected,
                connected ? Reason.AgentConnected : Reason.AgentDisconnected,
                connected ? "The guest agent answers" : "The guest agent does not answer any more");
    }

    private void domainRunning(Conditions conditions) {
        boolean running = domain.state() == DomainState.Running || domain.state() == DomainState.Stopping;
        String text = Optional.ofNullable(domain.message()).orElseGet(() -> switch (domain.state()) {
            case Running -> "Domain " + domain.name() + " runs on " + domain.nodeName();
            case Paused -> "The guest's CPUs are stopped";
            case Stopping -> "The guest was asked to shut down";
            case Stopped -> "The domain is gone";
            case Failed -> "The domain did not start";
        });
        conditions.with(ConditionType.DomainRunning, running, domain.reason(), text);
    }

    private void secureBoot(UefiVirtualMachine vm, Conditions conditions) {
        SecureBootState state = firmware == null ? null : firmware.secureBoot();
        if (state == null) {
            conditions.unknown(
                    ConditionType.SecureBootEnforcing, Reason.Pending, "The variable store was not read yet");
        } else if (refusal != null) {
            conditions.with(ConditionType.SecureBootEnforcing, true, Reason.BootBlocked, refusal);
        } else if (state == SecureBootState.Enforcing) {
            conditions.with(
                    ConditionType.SecureBootEnforcing,
                    true,
                    Reason.Enforcing,
                    "Keys are enrolled and the firmware verifies what it starts");
        } else if (state == SecureBootState.SetupMode) {
            conditions.with(
                    ConditionType.SecureBootEnforcing,
                    false,
                    Reason.SetupMode,
                    "No platform key is enrolled: the guest can enrol its own");
        } else {
            conditions.with(
                    ConditionType.SecureBootEnforcing,
                    false,
                    Reason.SecureBootOff,
                    vm.getSpec().firmware().secureBoot() == SecureBootMode.Disabled
                            ? "Secure Boot is disabled in the spec"
                            : "Keys are enrolled, but the guest switched verification off");
        }
    }

    private static String message(Throwable failure) {
        return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    }

    /** RFC 3339 with seconds, as Kubernetes writes times. */
    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
