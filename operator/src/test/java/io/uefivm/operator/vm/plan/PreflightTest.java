package io.uefivm.operator.vm.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RolloutPart;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.HostView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreflightTest {
    private static final String WITH_DISK =
            "{memory: {size: 1Gi}, disks: [{name: root, persistentVolumeClaim: {claimName: web-root}}]}";

    private static void assertStopped(Sight sight, Reason reason, String... words) {
        assertThat(sight.reconcile().actions()).isEmpty();
        assertThat(sight.status.epoch()).isNull();
        assertThat(sight.status.phase()).isEqualTo(Phase.Pending);
        assertThat(sight.status.condition(ConditionType.Stalled)).hasValueSatisfying(stalled -> {
            assertThat(stalled.getReason()).isEqualTo(reason.name());
            assertThat(stalled.getMessage()).contains(words);
        });
        assertThat(sight.status.condition(ConditionType.Ready))
                .hasValueSatisfying(ready -> assertThat(ready.getStatus()).isEqualTo("False"));
        // Once said, nothing is written again.
        assertThat(Planner.plan(sight.observe(), sight.now).status())
                .isEqualTo(OperatorStatus.of(sight.observe().vm().status()));
    }

    private static HostView host(boolean smm, String machineType, io.uefivm.api.v1alpha1.FirmwareBuild build) {
        return new HostView("h", true, Optional.empty(), "", smm, false, List.of(machineType), List.of(build));
    }

    @Test
    void missingDiskClaim() {
        Sight sight = new Sight(WITH_DISK);
        assertStopped(
                sight,
                Reason.ClaimNotFound,
                "PersistentVolumeClaim \"web-root\" for disk \"root\" not found in namespace ns;"
                        + " create it and the VM starts by itself");

        sight.claims.put("web-root", new ClaimView("web-root", false, false, false, Optional.empty()));
        assertThat(sight.reconcile().actions()).contains(new Action.CreatePod(1, "web-1"));
        assertThat(sight.status.condition(ConditionType.Stalled)).isEmpty();
    }

    @Test
    void lostAndVanishingDiskClaims() {
        Sight sight = new Sight(WITH_DISK);
        sight.claims.put("web-root", new ClaimView("web-root", true, false, false, Optional.empty()));
        assertStopped(sight, Reason.ClaimLost, "phase Lost");
        sight.claims.put("web-root", new ClaimView("web-root", false, true, false, Optional.empty()));
        assertStopped(sight, Reason.ClaimNotFound, "is being deleted");
    }

    @Test
    void missingSharedClaim() {
        assertStopped(
                new Sight("{memory: {size: 1Gi}, nvram: {sharedClaim: states}}"),
                Reason.ClaimNotFound,
                "\"states\"",
                "spec.nvram.sharedClaim");
    }

    @Test
    void vanishedStateIsNotReplacedByAnEmptyOne() {
        Sight sight = Sight.strategy("Always");
        sight.nvram = new NvramStatus(
                "uefivm-nvram-" + Sight.UID, 7L, null, null, null, null, List.of(), null, null, List.of(), null);
        assertStopped(sight, Reason.ClaimNotFound, "is gone from namespace ns", "restore it under that name");
    }

    @Test
    void aVmThatKeepsNothingNeedsNoClaim() {
        Sight sight = new Sight("{memory: {size: 1Gi}, tpm: {enabled: false},"
                + " firmware: {secureBoot: Disabled, layout: Stateless}}");
        assertThat(sight.reconcile().actions()).hasOnlyElementsOfType(Action.CreatePod.class);
    }

    @Test
    void noHosts() {
        Sight sight = Sight.strategy("Always");
        sight.hosts.clear();
        assertStopped(sight, Reason.NoHosts, "install it on a node with KVM");
        sight.hosts.add(Sight.silent("n1"));
        sight.hosts.add(Sight.silent("n2"));
        assertStopped(sight, Reason.NoHosts, "no host is Ready: 2 hosts: no heartbeat");
    }

    @Test
    void hostsThatDoNotSuitAreCountedByWhatTheyLack() {
        Sight sight = new Sight("{memory: {size: 1Gi}, machineType: pc-q35-9.9}");
        sight.hosts.clear();
        sight.hosts.addAll(List.of(
                host(false, "pc-q35-9.9", Sight.SECURE),
                host(false, "pc-q35-9.9", Sight.SECURE),
                host(false, "pc-q35-7.2", Sight.SECURE),
                host(true, "pc-q35-7.2", Sight.SECURE),
                host(true, "pc-q35-9.9", Sight.PLAIN)));
        assertStopped(
                sight,
                Reason.NoSuitableHost,
                "3 hosts: no System Management Mode",
                "1 host: no machine type pc-q35-9.9",
                "1 host: no firmware for Secure Boot");
    }

    @Test
    void aVsockNeedsAHostThatHasIt() {
        Sight sight = new Sight("{memory: {size: 1Gi}, vsock: {}}");
        assertStopped(sight, Reason.NoSuitableHost, "1 host: no vsock, which spec.vsock asks for", "vhost_vsock");

        sight.hosts.add(new HostView(
                "h", true, Optional.empty(), "", true, true, List.of("pc-q35-7.2"), List.of(Sight.SECURE)));
        assertThat(sight.reconcile().actions()).contains(new Action.CreatePod(1, "web-1"));
    }

    @Test
    void vmWithoutSecureBootNeedsNoSmm() {
        Sight sight = new Sight("{memory: {size: 1Gi}, firmware: {secureBoot: Disabled}}");
        sight.hosts.clear();
        sight.hosts.add(host(false, "pc-q35-7.2", Sight.PLAIN));
        assertThat(sight.reconcile().actions()).hasSize(2);
    }

    @Test
    void recordedMachineTypeBindsTheVmAndItsFirmwareDoesNot() {
        Sight sight = Sight.strategy("Always");
        sight.machineType = "pc-q35-5.0";
        assertStopped(sight, Reason.NoSuitableHost, "1 host: no machine type pc-q35-5.0");
        sight.machineType = "pc-q35-7.2";
        sight.codeDigest = "sha256:" + "ee".repeat(32);
        assertThat(sight.reconcile().actions()).as("another build of its kind").hasSize(2);
    }

    @Test
    void pinnedFirmwareThatNoHostHasIsNamed() {
        assertStopped(
                pinning("sha256:" + "ee".repeat(32)),
                Reason.NoSuitableHost,
                "1 host: not the firmware build that spec.firmware.image pins (sha256:eeee");
        assertStopped(
                pinning(Sight.PLAIN.codeDigest()), Reason.NoSuitableHost, "not the firmware build that spec.firmware");
        assertThat(pinning(Sight.DIGEST).reconcile().actions()).hasSize(2);
    }

    @Test
    void aVmThatTheRollOutHoldsWaitsForItsBuildAndIsToldOfThePolicy() {
        String earlier = "sha256:" + "ee".repeat(32);
        Sight held = Sight.strategy("Always");
        held.codeDigest = earlier;
        held.policy = Optional.of(RolloutPart.Held);
        assertStopped(
                held,
                Reason.NoSuitableHost,
                "1 host: not the firmware build that this VM ran with last (sha256:eeee",
                "firmwareRollout",
                "raise percentage",
                "spec.firmware.image");
        held.policy = Optional.of(RolloutPart.Taking);
        assertThat(held.reconcile().actions()).as("the policy was widened").hasSize(2);
    }

    @Test
    void theRollOutHoldsNobodyWhoNeverRanOrPinsOrAsksForAnotherStore() {
        Sight fresh = Sight.strategy("Always");
        fresh.policy = Optional.of(RolloutPart.Held);
        assertThat(fresh.reconcile().actions()).hasSize(2);
        for (Sight free : List.of(
                pinning(Sight.DIGEST),
                new Sight("{memory: {size: 1Gi}, nvram: {request: {token: a, action: Convert}}}"))) {
            free.codeDigest = "sha256:" + "ee".repeat(32);
            free.policy = Optional.of(RolloutPart.Held);
            assertThat(free.reconcile().actions()).hasSize(2);
        }
    }

    private static Sight pinning(String digest) {
        return new Sight("{memory: {size: 1Gi}, firmware: {image: {codeDigest: \"" + digest + "\"}}}");
    }

    @Test
    void aStoreOfAnotherSizeIsSaidBeforeAHostIsAskedUnlessItIsConverted() {
        Sight sight = Sight.strategy("Always");
        sight.codeDigest = "sha256:" + "ee".repeat(32);
        sight.varsSize = 131_072L;
        assertStopped(
                sight, Reason.NoSuitableHost, "1 host: no firmware for a variable store of 131072 bytes", "Convert");
        for (String action : List.of("Convert", "FactoryReset")) {
            Sight asking = new Sight("{memory: {size: 1Gi}, nvram: {request: {token: a, action: " + action + "}}}");
            asking.codeDigest = sight.codeDigest;
            asking.varsSize = sight.varsSize;
            assertThat(asking.reconcile().actions()).hasSize(2);
        }
        Sight keys = new Sight("{memory: {size: 1Gi}, nvram: {request: {token: a, action: EnrollKeys}}}");
        keys.codeDigest = sight.codeDigest;
        keys.varsSize = sight.varsSize;
        assertStopped(keys, Reason.NoSuitableHost, "131072");
    }
}
