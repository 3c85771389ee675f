package io.uefivm.agent.vm;

import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/** Follows a domain that runs: what its guest and its firmware do, and what its spec asks of it meanwhile. */
final class WhileRunning {
    /** Firmware decides about the boot loader within this time, even emulated on a busy host. */
    private static final Duration FIRMWARE_TIME = Duration.ofMinutes(5);

    private static final Duration LOCKED_MEDIUM = Duration.ofSeconds(10);
    private static final Duration CONSOLE_INTERVAL = Duration.ofSeconds(5);

    private final Machines machines;
    private final GuestLook guests;
    private final VmReport report;
    private final InstantSource clock;

    WhileRunning(Machines machines, GuestLook guests, VmReport report, InstantSource clock) {
        this.machines = machines;
        this.guests = guests;
        this.report = report;
        this.clock = clock;
    }

    /**
     * Takes the first thing up that there is to do or to say.
     *
     * @return when to look again at the latest
     * @throws HypervisorException UNAVAILABLE when libvirt could not be asked
     */
    UpdateControl<UefiVirtualMachine> look(Subject subject) throws HypervisorException {
        if (forgetsBootNext(subject) || observe(subject)) {
            return Again.soon();
        }
        boolean pending = changeMedia(subject);
        UpdateControl<UefiVirtualMachine> next = watchConsole(subject);
        if (next.getScheduleDelay().isPresent()) {
            return next;
        }
        return pending
                ? Again.after(LOCKED_MEDIUM)
                : guests.isAnswering(subject.uuid()) ? Again.after(GuestLook.FRESH) : next;
    }

    /** Follows the spec with the media of a running VM; true when it is to be tried again. */
    private boolean changeMedia(Subject subject) throws HypervisorException {
        boolean running = subject.situation()
                .domain()
                .filter(domain -> domain.state() == RunningDomain.State.RUNNING)
                .isPresent();
        if (!running || subject.pod().isEmpty()) {
            return false;
        }
        MediaChange change = machines.changeMedia(subject.vm(), subject.pod().get(), subject.uuid());
        change.notes().forEach(note -> report.tell(subject, note));
        return change.pending();
    }

    /** Takes back the record of what was booted once, when the spec of a running VM does not ask for it any more. */
    private boolean forgetsBootNext(Subject subject) {
        UefiVirtualMachineStatus status = Objects.requireNonNull(subject.vm().getStatus());
        Optional<DomainStatus> domain =
                subject.situation().reportedNow().filter(reported -> reported.state() == DomainState.Running);
        boolean recorded = status.firmware() != null && status.firmware().bootNext() != null;
        if (domain.isEmpty() || !recorded || subject.vm().getSpec().firmware().bootNext() != null) {
            return false;
        }
        report.apply(subject, VmStatus.of(subject.vm(), domain.get()));
        return true;
    }

    /** Says what the guest changed in its variable store; false when there is nothing to say. */
    private boolean observe(Subject subject) throws HypervisorException {
        Optional<DomainStatus> reported = subject.situation().reportedNow();
        if (reported.isEmpty() || subject.situation().domain().isEmpty()) {
            return false;
        }
        VmStatus said = VmStatus.of(subject.vm(), reported.get());
        VmStatus observed =
                machines.observe(subject.vm(), subject.pod(), said).withGuest(guests.of(subject.uuid(), said.guest()));
        // A changed spec alone is no reason to write what was observed before once more.
        return !observed.equals(said) && report.apply(subject, observed);
    }

    /** While the firmware may still be deciding, looks whether it refused the boot loader. */
    UpdateControl<UefiVirtualMachine> watchConsole(Subject subject) {
        UefiVirtualMachineStatus status = Objects.requireNonNull(subject.vm().getStatus());
        boolean enforcing = status.firmware() != null && status.firmware().secureBoot() == SecureBootState.Enforcing;
        DomainStatus domain = status.domain();
        if (domain == null || domain.startTime() == null || domain.epoch() != subject.epoch()) {
            return Again.after(CONSOLE_INTERVAL);
        }
        boolean young = Instant.parse(domain.startTime()).plus(FIRMWARE_TIME).isAfter(clock.instant());
        boolean said = status.condition(ConditionType.SecureBootEnforcing)
                .map(c -> Reason.BootBlocked.name().equals(c.getReason()))
                .orElse(false);
        if (!enforcing || !young || said || domain.state() != DomainState.Running) {
            return UpdateControl.noUpdate();
        }
        Optional<String> refusal = machines.bootRefusal(subject.uid());
        if (refusal.isEmpty()) {
            return Again.after(CONSOLE_INTERVAL);
        }
        report.apply(subject, VmStatus.of(subject.vm(), domain).refused(refusal.get()));
        report.warning(subject, Reason.BootBlocked, refusal.get());
        return UpdateControl.noUpdate();
    }
}
