package io.uefivm.operator.vm.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RequestOutcome;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RestartNeedTest {
    private static final String PLAIN = "{memory: {size: 1Gi}}";
    private static final String ENROL = "{memory: {size: 1Gi}, nvram: {request: {token: day-2, action: EnrollKeys}}}";

    private static Optional<String> restart(Sight sight) {
        return sight.status
                .condition(ConditionType.RestartRequired)
                .map(c -> c.getStatus() + " " + c.getReason() + ": " + c.getMessage());
    }

    private static Plan replan(Sight sight) {
        return Planner.plan(sight.observe(), sight.now);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cpu | {memory: {size: 1Gi}, cpu: {cores: 4}}",
                "memory | {memory: {size: 2Gi}}",
                "cpu, memory | {memory: {size: 2Gi}, cpu: {cores: 4}}",
                "disks | {memory: {size: 1Gi}, disks: [{name: d, persistentVolumeClaim: {claimName: d}}]}",
                "networks | {memory: {size: 1Gi}, networks: [{name: lan, user: {}}]}",
                "graphics | {memory: {size: 1Gi}, graphics: {type: None}}",
                "tpm | {memory: {size: 1Gi}, tpm: {enabled: false}}",
                "nodeSelector | {memory: {size: 1Gi}, nodeSelector: {disk: ssd}}",
                "terminationGracePeriodSeconds | {memory: {size: 1Gi}, terminationGracePeriodSeconds: 600}",
                "firmware.bootNext | {memory: {size: 1Gi}, firmware: {bootNext: Setup}}",
                "firmware.variables | {memory: {size: 1Gi}, firmware: {variables: "
                        + "[{name: A, guid: 11111111-2222-3333-4444-555555555555, text: a}]}}",
            })
    void changedFieldsAreNamed(String fields, String spec) {
        Sight sight = new Sight(PLAIN).run();
        assertThat(restart(sight)).isEmpty();

        Plan plan = sight.spec(spec).reconcile();
        assertThat(restart(sight))
                .contains("True SpecChanged: changed since the VM was started: " + fields
                        + "; the next cold start takes it in: set runStrategy to Halted and back");
        assertThat(plan.actions()).isEmpty();
        assertThat(sight.status.condition(ConditionType.Ready).map(Condition::getStatus))
                .contains("True");
        assertThat(sight.status.condition(ConditionType.Reconciling)).isEmpty();
        assertThat(replan(sight).status())
                .isEqualTo(OperatorStatus.of(sight.observe().vm().status()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{memory: {size: 1Gi}, runStrategy: RerunOnFailure}",
                "{memory: {size: 1Gi}, nvram: {reclaimPolicy: Retain, historyLimit: 3, onCorruption: Refuse}}",
                "{memory: {size: 1Gi}, firmware: {keys: {profile: HostTemplate}}}",
                "{memory: {size: 1Gi}, cpu: {cores: 1}, guestOS: Linux}",
            })
    void whatAStartDoesNotChangeNeedsNone(String spec) {
        Sight sight = new Sight(PLAIN).run();
        sight.spec(spec).reconcile();
        assertThat(restart(sight)).isEmpty();
    }

    @Test
    void theMediumOfACdromDriveNeedsNone() {
        assertThat(afterMedium("{}", "", "{ejected: true}", "")).isEmpty();
        assertThat(afterMedium("{bus: scsi}", "file: a.iso", "{bus: scsi}", "file: b.iso"))
                .isEmpty();
        assertThat(afterMedium("{bus: usb}", "file: a.iso", "{bus: usb}", "file: b.iso"))
                .as("a removable disk to libvirt")
                .isPresent();
        assertThat(afterMedium("{}", "claimName: a", "{}", "claimName: b"))
                .as("another claim, which the pod does not mount")
                .isPresent();
    }

    private static Optional<String> afterMedium(String cdrom, String medium, String newCdrom, String newMedium) {
        Sight sight = new Sight(withCdrom(cdrom, medium));
        List.of("a", "b", "c")
                .forEach(name -> sight.claims.put(name, new ClaimView(name, false, false, false, Optional.empty())));
        sight.run();
        assertThat(sight.status.condition(ConditionType.Ready).map(Condition::getStatus))
                .contains("True");
        sight.spec(withCdrom(newCdrom, newMedium)).reconcile();
        return restart(sight);
    }

    private static String withCdrom(String cdrom, String medium) {
        String claim =
                medium.startsWith("claimName") ? medium : "claimName: c" + (medium.isEmpty() ? "" : ", " + medium);
        return "{memory: {size: 1Gi}, disks: [{name: install, cdrom: " + cdrom + ", persistentVolumeClaim: {" + claim
                + "}}]}";
    }

    @Test
    void takenBackIsForgotten() {
        Sight sight = new Sight(PLAIN).run();
        sight.spec("{memory: {size: 2Gi}}").reconcile();
        assertThat(restart(sight)).isPresent();
        sight.spec(PLAIN).reconcile();
        assertThat(restart(sight)).isEmpty();
    }

    @Test
    void aRestartTakesItInWithoutAFurtherWrite() {
        Sight sight = new Sight(PLAIN).run();
        sight.spec("{memory: {size: 2Gi}}").reconcile();
        sight.stopped(Reason.GuestShutdown).reconcile();
        assertThat(restart(sight)).isEmpty();
        sight.podsGone().after(java.time.Duration.ofHours(1)).run();
        assertThat(sight.status.condition(ConditionType.Ready).map(Condition::getStatus))
                .contains("True");
        assertThat(restart(sight)).isEmpty();
    }

    @Test
    void aRequestWaitsUntilItIsAnswered() {
        Sight sight = new Sight(PLAIN).run();
        sight.spec(ENROL).reconcile();
        assertThat(restart(sight).orElseThrow())
                .startsWith("True RequestPending: nvram.request day-2 (EnrollKeys) waits");

        answer(sight, "day-1");
        sight.reconcile();
        assertThat(restart(sight)).isPresent();
        answer(sight, "day-2");
        sight.reconcile();
        assertThat(restart(sight)).isEmpty();
    }

    private static void answer(Sight sight, String token) {
        sight.nvram = new NvramStatus(
                "c",
                2L,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                null,
                List.of(),
                new NvramRequestStatus(token, NvramAction.EnrollKeys, RequestOutcome.Done, null, 2L, null));
    }

    @Test
    void aPodThatDoesNotSayWhatItWasMadeFromIsNotSpokenOf() {
        Sight sight = new Sight(PLAIN).run();
        sight.pods.replaceAll(RestartNeedTest::withoutSpec);
        sight.spec("{memory: {size: 2Gi}}").reconcile();
        assertThat(restart(sight)).isEmpty();
        sight.spec(ENROL).reconcile();
        assertThat(restart(sight)).isPresent();
    }

    private static PodView withoutSpec(PodView pod) {
        return new PodView(
                pod.name(),
                pod.uid(),
                pod.epoch(),
                pod.generation(),
                Optional.empty(),
                pod.nodeName(),
                pod.deleting(),
                pod.ended(),
                pod.unschedulable(),
                pod.trouble(),
                pod.refused());
    }

    @Test
    void eachNewNeedIsToldOnce() {
        Sight sight = new Sight(PLAIN).run();
        OperatorStatus before = status(sight.observe());
        sight.spec("{memory: {size: 2Gi}}").reconcile();
        OperatorStatus changed = status(sight.observe());
        assertThat(Transition.between(before, changed))
                .extracting(Transition::reason, Transition::warning)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Reason.SpecChanged, false));
        assertThat(Transition.between(changed, changed)).isEmpty();
        assertThat(Transition.between(changed, before)).isEmpty();
    }

    private static OperatorStatus status(Observation seen) {
        return OperatorStatus.of(seen.vm().status());
    }

    /** A request for a restore or a reset is how a user answers a refused start. */
    @ParameterizedTest
    @EnumSource(names = {"NvramUnreadable", "KeyMaterialMissing", "KeyMaterialInvalid", "BootTargetNotFound"})
    void aRequestStartsAVmThatWasRefusedItsStart(Reason reason) {
        Sight sight = new Sight(PLAIN);
        sight.reconcile();
        sight.bind("n1").failed(reason).reconcile();
        sight.podsGone().reconcile();
        assertThat(sight.status.condition(ConditionType.Stalled).map(Condition::getReason))
                .contains(reason.name());
        assertThat(sight.reconcile().actions()).isEmpty();

        assertThat(sight.spec(ENROL).reconcile().actions()).containsExactly(new Action.CreatePod(2, "web-2"));
        assertThat(sight.status.condition(ConditionType.Stalled)).isEmpty();
    }

    @Test
    void aRequestDoesNotStartAHaltedVm() {
        Sight sight = Sight.strategy("Halted");
        sight.reconcile();
        sight.spec("{runStrategy: Halted, memory: {size: 1Gi}, nvram: {request: {token: a, action: FactoryReset}}}");
        assertThat(sight.reconcile().actions()).isEmpty();
        assertThat(restart(sight)).isEmpty();
    }
}
