package io.uefivm.agent.vm;

import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the agent says of a VM: its part of the status, and events. */
final class VmReport {
    private final String nodeName;
    private final Supplier<String> accelerator;
    private final EventRecorder events;
    private final InstantSource clock;

    /** @param accelerator the accelerator in use, kvm or tcg */
    VmReport(String nodeName, Supplier<String> accelerator, EventRecorder events, InstantSource clock) {
        this.nodeName = nodeName;
        this.accelerator = accelerator;
        this.events = events;
        this.clock = clock;
    }

    /**
     * Writes the agent's part of the status, if it says anything new, with optimistic locking.
     *
     * @return whether it did
     */
    boolean apply(Subject subject, VmStatus status) {
        UefiVirtualMachine vm = subject.vm();
        UefiVirtualMachineStatus desired = status.toStatus(vm, clock.instant());
        if (desired.equals(VmStatus.ownPart(vm))) {
            return false;
        }
        var patch = new UefiVirtualMachine();
        patch.getMetadata().setName(vm.getMetadata().getName());
        patch.getMetadata().setNamespace(vm.getMetadata().getNamespace());
        patch.getMetadata().setResourceVersion(vm.getMetadata().getResourceVersion());
        patch.setStatus(desired);
        PrimaryUpdateAndCacheUtils.ssaPatchStatusAndCacheResource(vm, patch, subject.context());
        NvramNews.tell(events, vm, desired.nvram());
        return true;
    }

    /** The domain of the epoch in a state, with what was said of it before. */
    DomainStatus domain(Subject subject, DomainState state) {
        Optional<DomainStatus> before = subject.situation().reportedNow();
        Reason reason = switch (state) {
            case Running -> Reason.Running;
            case Paused -> Reason.Paused;
            case Stopping -> Reason.Stopping;
            case Stopped, Failed -> Reason.DomainLost;
        };
        return new DomainStatus(
                subject.epoch(),
                state,
                reason,
                null,
                nodeName,
                subject.domainName(),
                accelerator.get(),
                before.map(DomainStatus::startTime).orElseGet(() -> VmStatus.time(clock.instant())),
                null,
                before.map(DomainStatus::vsockCid).orElse(null));
    }

    /** The domain of an epoch that could not be started, or ended while it was. */
    DomainStatus failed(Subject subject, Failure failure) {
        DomainState state = failure.reason() == Reason.DomainLost ? DomainState.Stopped : DomainState.Failed;
        return over(subject, state, failure.reason(), failure.getMessage(), null, null);
    }

    /** The domain of a running epoch that has ended. */
    DomainStatus ended(Subject subject, DomainStatus ran, Reason reason) {
        return over(
                subject, DomainState.Stopped, reason, DomainEnds.text(reason, ran), ran.accelerator(), ran.startTime());
    }

    private DomainStatus over(
            Subject subject,
            DomainState state,
            Reason reason,
            @Nullable String message,
            @Nullable String ranOn,
            @Nullable String startTime) {
        return new DomainStatus(
                subject.epoch(),
                state,
                reason,
                message,
                nodeName,
                subject.domainName(),
                ranOn,
                startTime,
                VmStatus.time(clock.instant()),
                null);
    }

    void tell(Subject subject, Note note) {
        if (note.warning()) {
            warning(subject, note.reason(), note.message());
        } else {
            normal(subject, note.reason(), note.message());
        }
    }

    void normal(Subject subject, Reason reason, String message) {
        events.normal(subject.vm(), reason, message);
    }

    void warning(Subject subject, Reason reason, String message) {
        events.warning(subject.vm(), reason, message);
    }
}
