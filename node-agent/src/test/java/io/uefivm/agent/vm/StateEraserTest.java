package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.Reason;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("NullAway.Init")
class StateEraserTest {
    private static final String UID = "5f0e4b7c-0000-4000-8000-000000000001";
    private static final String DELETED = ", \"deletionTimestamp\": \"2026-01-01T00:00:00Z\"";

    private final List<String> erased = new CopyOnWriteArrayList<>();
    private @Nullable Failure failure;
    private String vm = vm(UID, DELETED, "{\"sharedClaim\": \"states\"}");
    private StubApiServer apiServer;
    private StateEraser eraser;

    @BeforeEach
    void start() throws IOException {
        apiServer = new StubApiServer(uri -> Optional.of(vm));
        eraser = new StateEraser(
                apiServer.client,
                "n1",
                this::erase,
                new EventRecorder(apiServer.client, "test", "n1", Clock.systemUTC()));
    }

    @AfterEach
    void stop() {
        apiServer.close();
    }

    @Test
    void erasesWhatADeletedVmHasInASharedClaim() {
        eraser.look(pod("n1", "Running", "states"));
        assertThat(erased).containsExactly(UID);
    }

    @Test
    void waitsUntilKubeletHasMountedTheClaimOnThisNode() {
        eraser.look(pod("n1", "Pending", "states"));
        eraser.look(pod("n2", "Running", "states"));
        assertThat(erased).isEmpty();
    }

    /** Whoever may make pods in the namespace could make one that looks like the operator's. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not deleted      | 5f0e4b7c-0000-4000-8000-000000000001 | false | {\"sharedClaim\": \"states\"}",
                "another VM       | 5f0e4b7c-0000-4000-8000-000000000002 | true  | {\"sharedClaim\": \"states\"}",
                "another claim    | 5f0e4b7c-0000-4000-8000-000000000001 | true  | {\"sharedClaim\": \"others\"}",
                "claim of its own | 5f0e4b7c-0000-4000-8000-000000000001 | true  | {}",
                "to be kept       | 5f0e4b7c-0000-4000-8000-000000000001 | true  |"
                        + " {\"sharedClaim\": \"states\", \"reclaimPolicy\": \"Retain\"}"
            })
    void erasesNothingThatTheVmDoesNotSay(String what, String uid, boolean deleted, String nvram) {
        vm = vm(uid, deleted ? DELETED : "", nvram);
        eraser.look(pod("n1", "Running", "states"));
        assertThat(erased).as(what).isEmpty();
    }

    @Test
    void triesAgainAndTellsAFailureOnce() {
        failure = new Failure(Reason.ClaimUnsafe, "because of a test");
        eraser.look(pod("n1", "Running", "states"));
        eraser.look(pod("n1", "Running", "states"));
        assertThat(apiServer.writes).singleElement().asString().contains("ClaimUnsafe", "because of a test");

        failure = null;
        eraser.look(pod("n1", "Running", "states"));
        assertThat(erased).containsExactly(UID);
    }

    private static Pod pod(String node, String phase, String claim) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName("uefivm-erase-" + UID)
                .withUid("pod")
                .addToLabels(Api.LABEL_ERASES, UID)
                .addToAnnotations(Api.ANNOTATION_VM_NAME, "web")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewVolume()
                .withName(Api.VOLUME_NVRAM)
                .withNewPersistentVolumeClaim()
                .withClaimName(claim)
                .endPersistentVolumeClaim()
                .endVolume()
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    private static String vm(String uid, String deleted, String nvram) {
        return """
                {"apiVersion": "uefivm.io/v1alpha1", "kind": "UefiVirtualMachine",
                 "metadata": {"namespace": "ns", "name": "web", "uid": "%s"%s},
                 "spec": {"memory": {"size": "1Gi"}, "nvram": %s}}""".formatted(uid, deleted, nvram);
    }

    private void erase(String vmUid, Pod pod) throws Failure {
        if (failure != null) {
            throw failure;
        }
        erased.add(vmUid);
    }
}
