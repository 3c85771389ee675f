package io.uefivm.agent.vm;

import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the step that {@link Decision} chose. Decides nothing itself and knows no file and no XML. */
final class Steps {
    private static final Logger LOG = LoggerFactory.getLogger(Steps.class);

    /** A guest that is still booting misses the power button, so it is pressed again. */
    private static final Duration PRESS_AGAIN = Duration.ofSeconds(10);

    private final String nodeName;
    private final Hypervisor hypervisor;
    private final Machines machines;
    private final DomainEnds ends;
    private final WhileRunning running;
    private final VmReport report;
    private final InstantSource clock;

    Steps(
            String nodeName,
            Hypervisor hypervisor,
            Machines machines,
            DomainEnds ends,
            WhileRunning running,
            VmReport report,
            InstantSource clock) {
        this.nodeName = nodeName;
        this.hypervisor = hypervisor;
        this.machines = machines;
        this.ends = ends;
        this.running = running;
        this.report = report;
        this.clock = clock;
    }

    UpdateControl<UefiVirtualMachine> take(NextStep step, Subject subject) throws HypervisorException {
        if (step instanceof NextStep.CatchUp) {
            return Again.soon();
        } else if (step instanceof NextStep.Start) {
            return start(subject);
        } else if (step instanceof NextStep.Report seen) {
            VmStatus status = machines.look(
                    subject.vm(), subject.pod(), VmStatus.of(subject.vm(), report.domain(subject, seen.state())));
            report.apply(subject, status);
            return running.watchConsole(subject);
        } else if (step instanceof NextStep.Shutdown shutdown) {
            ends.order(subject.uuid(), Reason.StopRequested);
            hypervisor.requestShutdown(subject.uuid());
            Duration left = Duration.between(clock.instant(), shutdown.deadline());
            return Again.after(left.compareTo(PRESS_AGAIN) < 0 ? left : PRESS_AGAIN);
        } else if (step instanceof NextStep.Destroy destroy) {
            ends.order(subject.uuid(), destroy.reason());
            hypervisor.destroy(subject.uuid());
            return conclude(subject);
        } else if (step instanceof NextStep.Discard) {
            long stale =
                    subject.situation().domain().map(d -> d.owner().epoch()).orElse(0L);
            hypervisor.destroy(subject.uuid());
            machines.release(subject.uid(), Optional.empty());
            report.warning(
                    subject,
                    Reason.StaleEpoch,
                    "Destroyed the domain of epoch " + stale + " on " + nodeName + ": epoch " + subject.epoch()
                            + " is valid");
            return Again.soon();
        } else if (step instanceof NextStep.Conclude) {
            return conclude(subject);
        } else if (step instanceof NextStep.Release) {
            machines.release(subject.uid(), subject.pod());
            return UpdateControl.noUpdate();
        }
        return running.look(subject);
    }

    private UpdateControl<UefiVirtualMachine> start(Subject subject) throws HypervisorException {
        VmStatus status = VmStatus.of(subject.vm(), report.domain(subject, DomainState.Running));
        ends.forget(subject.uuid());
        try {
            VmStatus started = machines.start(subject.vm(), subject.pod().orElseThrow(), status);
            report.apply(subject, started);
            started.notes().forEach(note -> report.tell(subject, note));
            report.normal(subject, Reason.Running, "Domain started on " + nodeName + ", epoch " + subject.epoch());
            machines.observe(subject.vm(), subject.pod(), status);
            return running.watchConsole(subject);
        } catch (Failure failure) {
            LOG.warn(
                    "start failed uid={} epoch={} reason={}: {}",
                    subject.uid(),
                    subject.epoch(),
                    failure.reason(),
                    failure.getMessage());
            report.apply(subject, status.failed(failure).withDomain(report.failed(subject, failure)));
            report.warning(subject, failure.reason(), Objects.requireNonNull(failure.getMessage()));
            machines.release(subject.uid(), subject.pod());
            return UpdateControl.noUpdate();
        }
    }

    private UpdateControl<UefiVirtualMachine> conclude(Subject subject) {
        DomainStatus ran = report.domain(subject, DomainState.Stopped);
        Reason reason = ends.reason(
                subject.uuid(),
                () -> hypervisor.lastEnd(subject.domainName(), Instant.parse(Objects.requireNonNull(ran.startTime()))));
        DomainStatus ended = report.ended(subject, ran, reason);
        VmStatus status = machines.takeBack(subject.vm(), VmStatus.of(subject.vm(), ended));
        if (status.unreset() != null) {
            report.warning(subject, Reason.DeviceNotReset, status.unreset());
        }
        try {
            status = machines.commit(subject.vm(), subject.pod(), status);
        } catch (Failure failure) {
            report.warning(subject, failure.reason(), Objects.requireNonNull(failure.getMessage()));
            status = status.failed(failure);
        }
        report.apply(subject, status);
        report.normal(subject, reason, ended.message() + generation(status));
        ends.forget(subject.uuid());
        machines.release(subject.uid(), subject.pod());
        return UpdateControl.noUpdate();
    }

    private static String generation(VmStatus status) {
        return status.nvram() == null || status.nvram().generation() == null
                ? ""
                : "; NVRAM generation " + status.nvram().generation();
    }
}
