package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** Pods, claims and nodes in a namespace of their own. */
final class TestPods {

    final KubernetesClient client;
    final String namespace;

    TestPods(KubernetesClient client) {
        this.client = client;
        this.namespace = "c-" + UUID.randomUUID().toString().substring(0, 8);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(100));
    }

    PodResource pod(String name) {
        return client.pods().inNamespace(namespace).withName(name);
    }

    String phase(String name) {
        Pod pod = pod(name).get();
        return pod == null ? "gone" : pod.getStatus().getPhase();
    }

    /** A pod whose container runs a shell script. */
    PodBuilder script(String name, String script) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(60L)
                .addNewContainer()
                .withName("hold")
                .withImage("hold:1")
                .withCommand("sh", "-c", script)
                .endContainer()
                .endSpec();
    }

    /** A pod that asks for resources and is never run. */
    PodBuilder asking(String name, String cpu, String memory) {
        return script(name, "true")
                .editSpec()
                .editFirstContainer()
                .withNewResources()
                .addToRequests(Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory)))
                .endResources()
                .endContainer()
                .endSpec();
    }

    /** By force: their nodes are gone. */
    void deleteAll() {
        client.pods().inNamespace(namespace).withGracePeriod(0).delete();
        await().until(() ->
                client.pods().inNamespace(namespace).list().getItems().isEmpty());
    }

    Pod create(PodBuilder pod) {
        return client.resource(pod.build()).create();
    }

    PersistentVolumeClaim claim(String name, @Nullable String storageClass) {
        return client.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withStorageClassName(storageClass)
                        .withAccessModes("ReadWriteOnce")
                        .withNewResources()
                        .addToRequests("storage", new Quantity("64Mi"))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
    }

    PersistentVolumeClaim claim(String name) {
        return client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    static PodBuilder withClaim(PodBuilder pod, String volume, String claim, String path) {
        return pod.editSpec()
                .addNewVolume()
                .withName(volume)
                .withNewPersistentVolumeClaim()
                .withClaimName(claim)
                .endPersistentVolumeClaim()
                .endVolume()
                .editFirstContainer()
                .addNewVolumeMount()
                .withName(volume)
                .withMountPath(path)
                .endVolumeMount()
                .endContainer()
                .endSpec();
    }

    static PodBuilder withEmptyDir(PodBuilder pod, String volume, String path) {
        return pod.editSpec()
                .addNewVolume()
                .withName(volume)
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .editFirstContainer()
                .addNewVolumeMount()
                .withName(volume)
                .withMountPath(path)
                .endVolumeMount()
                .endContainer()
                .endSpec();
    }

    /** A ready node without kubelet. */
    Node node(String name, String cpu, String memory, Map<String, String> labels) {
        Node node = client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .addToLabels("kubernetes.io/hostname", name)
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build())
                .create();
        return client.resource(node)
                .subresource("status")
                .patch(
                        io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                                io.fabric8.kubernetes.client.dsl.base.PatchType.STRATEGIC_MERGE),
                        """
                        {"status": {"allocatable": {"cpu": "%s", "memory": "%s", "pods": "3"},
                                    "conditions": [{"type": "Ready", "status": "True"}]}}
                        """.formatted(cpu, memory));
    }
}
