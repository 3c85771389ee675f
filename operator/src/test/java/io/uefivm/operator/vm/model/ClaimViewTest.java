package io.uefivm.operator.vm.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class ClaimViewTest {
    private static ClaimView claim(String status) {
        return ClaimView.of(Serialization.unmarshal(
                "---\n{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {}, status: " + status
                        + "}",
                PersistentVolumeClaim.class));
    }

    @Test
    void isExpandedWhenKubernetesAllocatedForIt() {
        assertThat(claim("{phase: Bound, capacity: {storage: 1Gi}}").expandedTo())
                .isEmpty();
        assertThat(claim("{phase: Bound, capacity: {storage: 2Gi}, allocatedResources: {storage: 2Gi}}")
                        .expandedTo())
                .contains("2Gi");
    }

    @Test
    void isWhatItHoldsWhileItIsBeingExpanded() {
        assertThat(claim("{phase: Bound, capacity: {storage: 1Gi}, allocatedResources: {storage: 2Gi}}")
                        .expandedTo())
                .contains("1Gi");
    }
}
