package io.uefivm.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Server-side apply as two status writers and a spec writer use it, alike on every control plane. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class ServerSideApplyTest {

    @Parameter
    ControlPlane controlPlane;

    private Gadgets gadgets;

    @BeforeEach
    void kind() {
        gadgets = Gadgets.on(controlPlane);
    }

    @Test
    void createsWhatIsNotThere() {
        GenericKubernetesResource created = gadgets.apply("one", "fresh", "spec: {size: 3}");

        assertThat(json(created).at("/spec/size").asInt()).isEqualTo(3);
        assertThat(json(created).at("/spec/mode").asText()).isEqualTo("Split");
        assertThat(created.getMetadata().getGeneration()).isEqualTo(1);
        assertThat(managers(created)).containsExactly("one Apply ");
    }

    @Test
    void conditionsOfTwoManagersBothStay() {
        gadgets.create("two");
        gadgets.applyStatus("operator", "two", "{phase: Starting, conditions: [{type: Ready, status: 'False'}]}");
        gadgets.applyStatus("agent", "two", "{domain: {state: Running}, conditions: [{type: Live, status: 'True'}]}");
        GenericKubernetesResource last =
                gadgets.applyStatus("operator", "two", "{phase: Running, conditions: [{type: Ready, status: 'True'}]}");

        assertThat(conditions(last)).containsExactlyInAnyOrder("Ready=True", "Live=True");
        assertThat(json(last).at("/status/domain/state").asText()).isEqualTo("Running");
        assertThat(json(last).at("/status/phase").asText()).isEqualTo("Running");
    }

    @Test
    void whatIsAppliedNoMoreVanishesAndNothingElse() {
        gadgets.create("less");
        gadgets.applyStatus("agent", "less", "{conditions: [{type: Live, status: 'True'}]}");
        gadgets.applyStatus(
                "operator",
                "less",
                "{phase: Running, domain: {state: Running}, conditions: [{type: Ready, status: 'True'},"
                        + " {type: Stalled, status: 'True', reason: X}]}");
        GenericKubernetesResource last =
                gadgets.applyStatus("operator", "less", "{conditions: [{type: Stalled, status: 'False'}]}");

        assertThat(conditions(last)).containsExactlyInAnyOrder("Live=True", "Stalled=False");
        assertThat(json(last).at("/status/conditions").findValues("reason")).isEmpty();
        assertThat(json(last).at("/status/phase").isMissingNode()).isTrue();
        assertThat(json(last).at("/status/domain/state").isMissingNode()).isTrue();
    }

    @Test
    void whatTwoApplyStaysUntilBothGiveItUp() {
        gadgets.create("shared");
        gadgets.applyStatus("operator", "shared", "{phase: Running, nodeName: a}");
        gadgets.applyStatus("agent", "shared", "{nodeName: a}");
        gadgets.applyStatus("operator", "shared", "{phase: Running}");
        assertThat(json(gadgets.get("shared")).at("/status/nodeName").asText()).isEqualTo("a");

        gadgets.applyStatus("agent", "shared", "{domain: {state: Off}}");
        assertThat(json(gadgets.get("shared")).at("/status/nodeName").isMissingNode())
                .isTrue();
    }

    @Test
    void anApplyThatChangesNothingIsNoWrite() {
        gadgets.create("same");
        String status = "{phase: Running, conditions: [{type: Ready, status: 'True'}]}";
        String first =
                gadgets.applyStatus("operator", "same", status).getMetadata().getResourceVersion();
        List<String> events = new CopyOnWriteArrayList<>();
        try (Watch watch = gadgets.all()
                .inNamespace(gadgets.namespace)
                .withResourceVersion(first)
                .watch(recording(events))) {
            String second = gadgets.applyStatus("operator", "same", status)
                    .getMetadata()
                    .getResourceVersion();
            assertThat(second).isEqualTo(first);

            gadgets.applyStatus("operator", "same", "{phase: Stopped}");
            Awaitility.await().untilAsserted(() -> assertThat(events).isNotEmpty());
        }
        assertThat(events).containsExactly("MODIFIED Stopped");
    }

    @Test
    void aResourceVersionIsALock() {
        gadgets.create("locked");
        String version = gadgets.get("locked").getMetadata().getResourceVersion();
        GenericKubernetesResource stale = gadgets.gadget("locked", "status: {phase: B}");
        stale.getMetadata().setResourceVersion(version);
        gadgets.applyStatus("other", "locked", "{phase: A}");

        Throwable refused = catchThrowable(
                () -> gadgets.client.resource(stale).subresource("status").patch(Gadgets.apply("late", true)));

        assertThat(Gadgets.codeOf(refused)).isEqualTo(409);
        assertThat(json(gadgets.get("locked")).at("/status/phase").asText()).isEqualTo("A");
    }

    @Test
    void aFieldOfSomebodyElseIsAConflictUnlessForced() {
        gadgets.apply("git", "mine", "spec: {size: 1, mode: Split}");

        Throwable refused = catchThrowable(() -> gadgets.applyWithoutForce("hand", "mine", "spec: {size: 2}"));
        assertThat(Gadgets.codeOf(refused)).isEqualTo(409);
        assertThat(refused).hasMessageContaining("conflict with \"git\"").hasMessageContaining(".spec.size");

        gadgets.applyWithoutForce("hand", "mine", "spec: {size: 1}");
        gadgets.apply("hand", "mine", "spec: {size: 2}");
        GenericKubernetesResource last = gadgets.apply("git", "mine", "spec: {mode: Split}");
        assertThat(json(last).at("/spec/size").asInt()).isEqualTo(2);
    }

    @Test
    void theStatusIsNotReachedThroughTheObjectNorTheSpecThroughTheStatus() {
        gadgets.apply("git", "apart", "spec: {size: 1}\nstatus: {phase: Forged}");
        assertThat(json(gadgets.get("apart")).has("status")).isFalse();

        gadgets.client
                .resource(gadgets.gadget("apart", "spec: {size: 9}\nstatus: {phase: Real}"))
                .subresource("status")
                .patch(Gadgets.apply("agent", true));
        JsonNode last = json(gadgets.get("apart"));
        assertThat(last.at("/spec/size").asInt()).isEqualTo(1);
        assertThat(last.at("/status/phase").asText()).isEqualTo("Real");
        assertThat(last.at("/metadata/generation").asInt()).isEqualTo(1);
    }

    @Test
    void itemsOfAListMapAreMergedByKeyAndOtherListsReplaced() {
        gadgets.apply("one", "lists", "spec: {parts: [{name: a}, {name: b, bus: sata}], tags: [x, y]}");
        gadgets.apply("two", "lists", "spec: {parts: [{name: c, bus: usb}]}");
        GenericKubernetesResource last =
                gadgets.apply("one", "lists", "spec: {parts: [{name: b, bus: scsi}], tags: [z]}");

        JsonNode spec = json(last).path("spec");
        assertThat(spec.path("parts").findValuesAsText("name")).containsExactlyInAnyOrder("b", "c");
        assertThat(spec.path("parts").findValuesAsText("bus")).containsExactlyInAnyOrder("scsi", "usb");
        assertThat(spec.path("tags").toString()).isEqualTo("[\"z\"]");
    }

    @Test
    void anUpdateTakesOwnershipAway() {
        gadgets.apply("git", "edited", "spec: {size: 1}");
        gadgets.all().inNamespace(gadgets.namespace).withName("edited").edit(g -> {
            g.setAdditionalProperty("spec", Serialization.unmarshal("{\"size\": 5}", java.util.Map.class));
            return g;
        });

        Throwable refused = catchThrowable(() -> gadgets.applyWithoutForce("git", "edited", "spec: {size: 1}"));
        assertThat(Gadgets.codeOf(refused)).isEqualTo(409);
    }

    @Test
    void managedFieldsSayWhoOwnsWhat() {
        gadgets.create("fields");
        GenericKubernetesResource last =
                gadgets.applyStatus("agent", "fields", "{conditions: [{type: Live, status: 'True'}]}");

        ManagedFieldsEntry entry = last.getMetadata().getManagedFields().stream()
                .filter(e -> e.getManager().equals("agent"))
                .findFirst()
                .orElseThrow();
        assertThat(entry.getOperation()).isEqualTo("Apply");
        assertThat(entry.getSubresource()).isEqualTo("status");
        assertThat(Serialization.jsonMapper().<JsonNode>valueToTree(entry.getFieldsV1()))
                .isEqualTo(read("{\"f:status\":{\"f:conditions\":{\"k:{\\\"type\\\":\\\"Live\\\"}\":"
                        + "{\".\":{},\"f:status\":{},\"f:type\":{}}}}}"));
    }

    @Test
    void anApplyNeedsAManagerAndAnExistingObjectForItsStatus() {
        Throwable absent = catchThrowable(() -> gadgets.applyStatus("agent", "absent", "{phase: X}"));
        assertThat(Gadgets.codeOf(absent)).isEqualTo(404);
    }

    private static Watcher<GenericKubernetesResource> recording(List<String> events) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, GenericKubernetesResource object) {
                events.add(action + " " + json(object).at("/status/phase").asText());
            }

            @Override
            public void onClose(WatcherException cause) {
                events.add("closed " + cause);
            }
        };
    }

    private static List<String> managers(GenericKubernetesResource object) {
        return object.getMetadata().getManagedFields().stream()
                .map(e -> e.getManager() + " " + e.getOperation() + " "
                        + (e.getSubresource() == null ? "" : e.getSubresource()))
                .toList();
    }

    private static List<String> conditions(GenericKubernetesResource object) {
        List<String> conditions = new java.util.ArrayList<>();
        json(object)
                .at("/status/conditions")
                .forEach(c -> conditions.add(
                        c.path("type").asText() + "=" + c.path("status").asText()));
        return conditions;
    }

    private static JsonNode read(String json) {
        return Serialization.unmarshal(json, JsonNode.class);
    }

    private static JsonNode json(GenericKubernetesResource object) {
        return Serialization.jsonMapper().valueToTree(object);
    }
}
