package io.uefivm.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Patches, selectors, watches, binding and deletion, alike on every control plane. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class ObjectLifeTest {

    @Parameter
    ControlPlane controlPlane;

    private Gadgets gadgets;
    private KubernetesClient client;

    @BeforeEach
    void kind() {
        gadgets = Gadgets.on(controlPlane);
        client = gadgets.client;
    }

    @Test
    void aMergePatchRemovesWhatIsNull() {
        gadgets.create("merge", "{size: 1, tags: [a]}");
        GenericKubernetesResource patched = patch("merge", PatchType.JSON_MERGE, "{\"spec\":{\"size\":null}}");

        assertThat(patched.<Object>get("spec", "size")).isNull();
        assertThat(patched.<List<String>>get("spec", "tags")).containsExactly("a");
        assertThat(patched.getMetadata().getGeneration()).isEqualTo(2);
    }

    @Test
    void theTextOfASecretBecomesItsData() {
        Secret secret = client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withGenerateName("text-")
                        .withNamespace("default")
                        .endMetadata()
                        .addToStringData("key", "value")
                        .build())
                .create();
        try {
            assertThat(secret.getData()).containsExactly(Map.entry("key", "dmFsdWU="));
            assertThat(secret.getStringData()).isNullOrEmpty();
        } finally {
            client.resource(secret).delete();
        }
    }

    @Test
    void aJsonPatchThatDoesNotFitIsRefused() {
        gadgets.create("json");
        GenericKubernetesResource patched =
                patch("json", PatchType.JSON, "[{\"op\":\"add\",\"path\":\"/spec/size\",\"value\":7}]");
        assertThat(patched.<Integer>get("spec", "size")).isEqualTo(7);

        Throwable refused = catchThrowable(
                () -> patch("json", PatchType.JSON, "[{\"op\":\"test\",\"path\":\"/spec/size\",\"value\":1}]"));
        assertThat(Gadgets.codeOf(refused)).isEqualTo(422);
    }

    @Test
    void aStrategicMergePatchMergesTheListsOfBuiltInKindsByKey() {
        String name = node(Map.of());
        strategicStatus(name, "{\"status\":{\"conditions\":[{\"type\":\"A\",\"status\":\"True\"}]}}");
        Node node = strategicStatus(name, "{\"status\":{\"conditions\":[{\"type\":\"B\",\"status\":\"True\"}]}}");

        assertThat(node.getStatus().getConditions()).extracting("type").containsExactlyInAnyOrder("A", "B");
    }

    private Node strategicStatus(String name, String patch) {
        return client.nodes()
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
    }

    @Test
    void anUpdateWithAnOldVersionIsRefused() {
        gadgets.create("old");
        GenericKubernetesResource old = gadgets.get("old");
        gadgets.applyStatus("agent", "old", "{phase: X}");
        old.getMetadata().setLabels(Map.of("a", "b"));

        Throwable refused = catchThrowable(() -> client.resource(old).update());
        assertThat(Gadgets.codeOf(refused)).isEqualTo(409);
    }

    @Test
    void anUpdateThatChangesNothingKeepsTheVersion() {
        gadgets.create("still");
        GenericKubernetesResource same = gadgets.get("still");

        String version = client.resource(same).update().getMetadata().getResourceVersion();
        assertThat(version).isEqualTo(same.getMetadata().getResourceVersion());
    }

    @Test
    void createAgainAndCreateNowhereAreRefused() {
        gadgets.create("once");
        assertThat(Gadgets.codeOf(catchThrowable(() -> gadgets.create("once")))).isEqualTo(409);

        GenericKubernetesResource nowhere = gadgets.gadget("x", "spec: {}");
        nowhere.getMetadata().setNamespace("no-such-namespace");
        assertThat(Gadgets.codeOf(catchThrowable(() -> client.resource(nowhere).create())))
                .isEqualTo(404);
    }

    @Test
    void selectorsOfLabelsAndOfSelectableFields() {
        labelled("a", "red");
        labelled("b", "green");
        gadgets.create("c");
        gadgets.applyStatus("op", "b", "{nodeName: n1}");
        var all = gadgets.all().inNamespace(gadgets.namespace);

        assertThat(names(all.withLabelIn("color", "red", "green").list().getItems()))
                .containsExactlyInAnyOrder("a", "b");
        assertThat(names(all.withLabelNotIn("color", "red").list().getItems())).containsExactlyInAnyOrder("b", "c");
        assertThat(names(all.withLabel("color", "red").list().getItems())).containsExactly("a");
        assertThat(names(all.withoutLabel("color").list().getItems())).containsExactly("c");
        assertThat(names(all.withField("status.nodeName", "n1").list().getItems()))
                .containsExactly("b");
        assertThatThrownBy(() -> all.withField("status.phase", "x").list())
                .hasMessageContaining("field label not supported: status.phase");
    }

    private void labelled(String name, String color) {
        GenericKubernetesResource gadget = gadgets.gadget(name, "spec: {}");
        gadget.getMetadata().setLabels(Map.of("color", color));
        client.resource(gadget).create();
    }

    @Test
    void aWatchSeesAnObjectBeginAndCeaseToMatch() {
        gadgets.create("moving");
        List<String> events = new CopyOnWriteArrayList<>();
        var here = gadgets.all().inNamespace(gadgets.namespace).withField("status.nodeName", "n1");
        try (Watch watch = here.withResourceVersion(here.list().getMetadata().getResourceVersion())
                .watch(recording(events))) {
            gadgets.applyStatus("op", "moving", "{nodeName: n2}");
            gadgets.applyStatus("op", "moving", "{nodeName: n1}");
            gadgets.applyStatus("op", "moving", "{nodeName: n1, phase: X}");
            gadgets.applyStatus("op", "moving", "{nodeName: n3}");
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(events).containsExactly("ADDED moving", "MODIFIED moving", "DELETED moving"));
        }
    }

    @Test
    void aWatchStartsWhereAListEnded() {
        gadgets.create("before");
        var all = gadgets.all().inNamespace(gadgets.namespace);
        String version = all.list().getMetadata().getResourceVersion();
        gadgets.create("after");
        List<String> events = new CopyOnWriteArrayList<>();
        try (Watch watch = all.withResourceVersion(version).watch(recording(events))) {
            client.resource(gadgets.get("before")).delete();
            Awaitility.await().untilAsserted(() -> assertThat(events).containsExactly("ADDED after", "DELETED before"));
        }
    }

    @Test
    void aFinalizerHoldsTheObjectAndItsRemovalIsAnsweredWithIt() {
        GenericKubernetesResource held = gadgets.gadget("held", "spec: {size: 1}");
        held.getMetadata().setFinalizers(List.of("test.uefivm.io/hold"));
        client.resource(held).create();
        client.resource(held).delete();
        assertThat(gadgets.get("held").isMarkedForDeletion()).isTrue();

        GenericKubernetesResource last =
                patch("held", PatchType.JSON, "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]");
        assertThat(last.getMetadata().getName()).isEqualTo("held");
        assertThat(gadgets.all().inNamespace(gadgets.namespace).withName("held").get())
                .isNull();
    }

    @Test
    void aPodOnANodeStaysUntilItIsDeletedWithoutGrace() {
        PodResource pod = boundPod("graceful", 25);

        pod.delete();
        Pod ending = pod.get();
        assertThat(ending.isMarkedForDeletion()).isTrue();
        assertThat(ending.getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(25);

        pod.withGracePeriod(5).delete();
        assertThat(pod.get().getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(5);
        pod.withGracePeriod(60).delete();
        assertThat(pod.get().getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(5);

        pod.withGracePeriod(0).delete();
        assertThat(pod.get()).isNull();
    }

    @Test
    void aPodWithAFinalizerStaysAfterItsGraceUntilTheFinalizerIsGone() {
        PodResource pod = boundPod("finalized", 25);
        pod.edit(p -> new PodBuilder(p)
                .editMetadata()
                .addToFinalizers("test.uefivm.io/hold")
                .endMetadata()
                .build());
        pod.withGracePeriod(0).delete();
        assertThat(pod.get().isMarkedForDeletion()).isTrue();

        pod.edit(p -> new PodBuilder(p)
                .editMetadata()
                .withFinalizers(List.of())
                .endMetadata()
                .build());
        Awaitility.await().untilAsserted(() -> assertThat(pod.get()).isNull());
    }

    @Test
    void aPodOnNoNodeOrOneThatHasEndedGoesAtOnce() {
        PodResource waiting = client.pods().inNamespace(gadgets.namespace).withName(pod("waiting", 25));
        waiting.delete();
        assertThat(waiting.get()).isNull();

        PodResource ended = boundPod("ended", 25);
        ended.subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"phase\":\"Succeeded\"}}");
        ended.delete();
        assertThat(ended.get()).isNull();
    }

    @Test
    void aPodIsBoundOnce() {
        PodResource pod = boundPod("bound", 25);
        assertThat(pod.get().getSpec().getNodeName()).isEqualTo("node-x");
        assertThat(pod.get().getStatus().getConditions())
                .anyMatch(
                        c -> c.getType().equals("PodScheduled") && c.getStatus().equals("True"));

        Throwable again = catchThrowable(() -> bind("bound", "node-y"));
        assertThat(Gadgets.codeOf(again)).isEqualTo(409);
    }

    @Test
    void podsStartPendingWithTheDefaultsThatTheSchedulerGoesBy() {
        Pod pod = client.pods()
                .inNamespace(gadgets.namespace)
                .withName(pod("fresh", 25))
                .get();

        assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
        assertThat(pod.getSpec().getSchedulerName()).isEqualTo("default-scheduler");
        assertThat(pod.getSpec().getTolerations())
                .extracting("key", "tolerationSeconds")
                .contains(org.assertj.core.groups.Tuple.tuple("node.kubernetes.io/unreachable", 300L));
    }

    @Test
    void theOwnersEndIsTheEndOfItsDependents() {
        gadgets.create("owner");
        GenericKubernetesResource child = gadgets.gadget("child", "spec: {}");
        child.addOwnerReference(gadgets.get("owner"));
        client.resource(child).create();

        client.resource(gadgets.get("owner")).delete();
        Awaitility.await()
                .untilAsserted(() -> assertThat(gadgets.all()
                                .inNamespace(gadgets.namespace)
                                .withName("child")
                                .get())
                        .isNull());
    }

    @Test
    void aDeletedNamespaceIsEmptiedAndGoes() {
        gadgets.create("inside");
        client.namespaces().withName(gadgets.namespace).delete();

        Awaitility.await()
                .atMost(java.time.Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(
                                client.namespaces().withName(gadgets.namespace).get())
                        .isNull());
    }

    private GenericKubernetesResource patch(String name, PatchType type, String patch) {
        return gadgets.all().inNamespace(gadgets.namespace).withName(name).patch(PatchContext.of(type), patch);
    }

    private String node(Map<String, String> labels) {
        Node node = new NodeBuilder()
                .withNewMetadata()
                .withGenerateName("node-")
                .withLabels(labels)
                .endMetadata()
                .build();
        return client.resource(node).create().getMetadata().getName();
    }

    private String pod(String name, long grace) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(gadgets.namespace)
                .endMetadata()
                .withNewSpec()
                .withTerminationGracePeriodSeconds(grace)
                .addNewContainer()
                .withName("c")
                .withImage("x:1")
                .endContainer()
                .endSpec()
                .build();
        return client.resource(pod).create().getMetadata().getName();
    }

    private PodResource boundPod(String name, long grace) {
        pod(name, grace);
        bind(name, "node-x");
        return client.pods().inNamespace(gadgets.namespace).withName(name);
    }

    private void bind(String pod, String node) {
        client.raw(
                "/api/v1/namespaces/%s/pods/%s/binding".formatted(gadgets.namespace, pod),
                "POST",
                Map.of(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Binding",
                        "metadata",
                        Map.of("name", pod),
                        "target",
                        Map.of("apiVersion", "v1", "kind", "Node", "name", node)));
    }

    private static List<String> names(List<? extends HasMetadata> objects) {
        return objects.stream().map(o -> o.getMetadata().getName()).toList();
    }

    private static Watcher<GenericKubernetesResource> recording(List<String> events) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, GenericKubernetesResource object) {
                events.add(action + " " + object.getMetadata().getName());
            }

            @Override
            public void onClose(WatcherException cause) {
                events.add("closed " + cause);
            }
        };
    }
}
