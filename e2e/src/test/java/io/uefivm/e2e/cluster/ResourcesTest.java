package io.uefivm.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How requests are counted. */
class ResourcesTest {

    @Test
    void limitsCountWhereThereAreNoRequestsAndTheLargestInitContainerWhereItIsLarger() {
        Pod pod = new PodBuilder()
                .withNewSpec()
                .addNewInitContainer()
                .withNewResources()
                .addToRequests("memory", new Quantity("3Gi"))
                .endResources()
                .endInitContainer()
                .addNewContainer()
                .withNewResources()
                .addToRequests(Map.of("cpu", new Quantity("500m"), "memory", new Quantity("1Gi")))
                .addToLimits("hugepages-2Mi", new Quantity("4Mi"))
                .endResources()
                .endContainer()
                .addNewContainer()
                .withNewResources()
                .addToRequests(Map.of("cpu", new Quantity("250m"), "memory", new Quantity("1Gi")))
                .endResources()
                .endContainer()
                .withOverhead(Map.of("memory", new Quantity("1Mi")))
                .endSpec()
                .build();

        Resources requested = Resources.requestedBy(pod);
        assertThat(requested.get("cpu")).isEqualByComparingTo("0.75");
        assertThat(requested.get("memory")).isEqualByComparingTo(BigDecimal.valueOf((3L << 30) + (1 << 20)));
        assertThat(requested.get("hugepages-2Mi")).isEqualByComparingTo(BigDecimal.valueOf(4 << 20));
        assertThat(requested.get("pods")).isEqualByComparingTo("1");
    }

    @Test
    void aResourceThatTheNodeDoesNotHaveIsShort() {
        Resources one = Resources.of(Map.of("example.com/gpu", new Quantity("1")));
        assertThat(one.shortages(Resources.none(), Resources.none())).containsExactly("Insufficient example.com/gpu");
        assertThat(one.shortages(one, Resources.none())).isEmpty();
        assertThat(one.shortages(one, one)).hasSize(1);
    }
}
