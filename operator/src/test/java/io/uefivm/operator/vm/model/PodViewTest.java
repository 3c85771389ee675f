package io.uefivm.operator.vm.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodViewTest {
    private static PodView read(String status) {
        return PodView.of(Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web-3
                  uid: u
                  creationTimestamp: "2026-01-01T00:00:00Z"
                  annotations: {uefivm.io/epoch: "3", uefivm.io/generation: "5"}
                spec: {nodeName: n1}
                status: %s
                """.formatted(status), Pod.class));
    }

    @Test
    void newPod() {
        PodView pod = read("{phase: Pending}");
        assertThat(pod.epoch()).isEqualTo(3);
        assertThat(pod.generation()).isEqualTo(5);
        assertThat(pod.nodeName()).contains("n1");
        assertThat(pod.ended()).isEmpty();
        assertThat(pod.trouble()).isEmpty();
        assertThat(pod.unschedulable()).isEmpty();
    }

    @Test
    void podThatKubeSchedulerCannotPlace() {
        assertThat(read("{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable,"
                                + " message: no memory}]}")
                        .unschedulable())
                .contains("no memory");
    }

    /** kubelet says the one, then the other, then the one again: no reason to write status each time. */
    @Test
    void imageThatCannotBePulledHasOneText() {
        String status = "{phase: Pending, containerStatuses: [{name: hold, image: agent:1, state: {waiting:"
                + " {reason: %s, message: %s}}}]}";
        PodView first = read(status.formatted("ErrImagePull", "x"));
        assertThat(first.trouble()).hasValueSatisfying(text -> assertThat(text).contains("agent:1"));
        assertThat(first).isEqualTo(read(status.formatted("ImagePullBackOff", "y")));
    }

    @Test
    void podThatEnded() {
        assertThat(read("{phase: Succeeded, containerStatuses: [{name: hold, state: {terminated:"
                                + " {exitCode: 0, finishedAt: '2026-01-01T00:10:00Z'}}}]}")
                        .ended())
                .contains(Instant.parse("2026-01-01T00:10:00Z"));
    }

    @Test
    void podThatKubeletRefused() {
        PodView pod = read("{phase: Failed, reason: Evicted, message: low on memory}");
        assertThat(pod.ended()).contains(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(pod.trouble())
                .contains("kubelet refused it: Evicted: low on memory (the node is short of what the message names)");
    }

    /** As kubelet's admission handlers write it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UnexpectedAdmissionError | Allocate failed due to no healthy devices present | see unavailable in its UefiHost",
                "OutOfcpu | Node didn't have enough resource: cpu, requested: 4000, used: 5000, capacity: 8000 | since the pod was placed",
                "OutOfuefivm.io/pci-10de-20b5 | Node didn't have enough resource | since the pod was placed",
                "NodeAffinity | Predicate NodeAffinity failed | labels of the node changed",
                "TopologyAffinityError | Resources cannot be allocated with Topology locality | topologyManagerPolicy",
                "SMTAlignmentError | SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2 | multiple of their threads",
            })
    void everyRefusalIsExplained(String reason, String message, String meaning) {
        PodView pod =
                read("{phase: Failed, reason: '%s', message: '%s'}".formatted(reason, message.replace("'", "''")));
        assertThat(pod.refused()).isTrue();
        assertThat(pod.trouble())
                .hasValueSatisfying(text -> assertThat(text).contains(reason + ": " + message, meaning));
    }

    @Test
    void aReasonThatIsNotKnownIsRepeatedAsItIs() {
        assertThat(read("{phase: Failed, reason: PodOSNotSupported, message: no}")
                        .trouble())
                .contains("kubelet refused it: PodOSNotSupported: no");
    }

    @Test
    void aPodWhoseContainerFailedWasNotRefused() {
        PodView pod = read("{phase: Failed, reason: Evicted, message: low on disk, containerStatuses: [{name: hold,"
                + " state: {terminated: {exitCode: 137, finishedAt: '2026-01-01T00:10:00Z'}}}]}");
        assertThat(pod.refused()).isFalse();
        assertThat(pod.trouble()).contains("Evicted: low on disk");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "99999999999999999999"})
    void epochThatIsNoneIsZero(String epoch) {
        Pod pod = Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web-3, uid: u, annotations: {uefivm.io/epoch: "%s"}}
                spec: {}
                """.formatted(epoch), Pod.class);
        assertThat(PodView.of(pod).epoch()).isZero();
    }
}
