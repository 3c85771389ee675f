package io.uefivm.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The counting proxy in front of every control plane. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class WriteCounterTest {

    private static final String GADGETS = "gadgets.test.uefivm.io";

    @Parameter
    ControlPlane controlPlane;

    private Gadgets gadgets;
    private WriteCounter counter;

    @BeforeEach
    void start() {
        gadgets = Gadgets.on(controlPlane);
        counter = WriteCounter.before(controlPlane);
    }

    @AfterEach
    void stop() {
        counter.close();
    }

    @Test
    void countsEveryWriteWithItsManagerAndNothingElse() {
        var client = counter.client();
        client.resource(gadgets.gadget("counted", "spec: {size: 1}")).create();
        client.resource(gadgets.gadget("counted", "status: {phase: X}"))
                .subresource("status")
                .patch(Gadgets.apply("agent", true));
        client.resource(gadgets.gadget("counted", "")).get();
        client.resource(gadgets.gadget("counted", "spec: {size: 4}"))
                .dryRun()
                .forceConflicts()
                .serverSideApply();
        client.resource(gadgets.gadget("counted", "")).delete();
        gadgets.create("uncounted");

        assertThat(counter.writes())
                .extracting(ApiWrite::verb, ApiWrite::target, ApiWrite::namespace, ApiWrite::name)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("create", GADGETS, gadgets.namespace, ""),
                        org.assertj.core.groups.Tuple.tuple("apply", GADGETS + "/status", gadgets.namespace, "counted"),
                        org.assertj.core.groups.Tuple.tuple("delete", GADGETS, gadgets.namespace, "counted"));
        assertThat(counter.table()).containsEntry("apply " + GADGETS + "/status by agent", 1L);
        counter.reset();
        assertThat(counter.writes()).isEmpty();
    }

    @Test
    void refusedWritesAreKeptApart() {
        gadgets.create("twice");
        Throwable refused = catchThrowable(() ->
                counter.client().resource(gadgets.gadget("twice", "spec: {}")).create());

        assertThat(Gadgets.codeOf(refused)).isEqualTo(409);
        assertThat(counter.writes()).extracting(ApiWrite::code).containsExactly(409);
        assertThat(counter.count(w -> true)).isZero();
    }

    @Test
    void informersWorkThroughIt() {
        try (SharedIndexInformer<GenericKubernetesResource> informer = counter.client()
                .genericKubernetesResources("test.uefivm.io/v1", "Gadget")
                .inNamespace(gadgets.namespace)
                .inform()) {
            for (int i = 0; i < 20; i++) {
                gadgets.create("g" + i);
            }
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(informer.getIndexer().list()).hasSize(20));
        }
    }
}
