package io.uefivm.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.uefivm.e2e.controlplane.Namespaces;
import io.uefivm.e2e.controlplane.RealApiServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The chart against a real API server, installed by helm itself. */
class ChartOnApiServerTest {
    private static final String VM_DEFINITION = "uefivirtualmachines.uefivm.io";

    @RegisterExtension
    private static final RealApiServer SERVER = new RealApiServer();

    @AfterEach
    void leaveNothingBehind() {
        Helm.uninstall(Chart.RELEASE)
                .withNamespace(Chart.NAMESPACE)
                .withKubeConfig(kubeconfig())
                .ignoreNotFound()
                .call();
        SERVER.client().apiextensions().v1().customResourceDefinitions().delete();
        SERVER.client().namespaces().withName(Chart.NAMESPACE).delete();
        SERVER.client()
                .namespaces()
                .withName(Chart.NAMESPACE)
                .waitUntilCondition(gone -> gone == null, 2, TimeUnit.MINUTES);
    }

    @Test
    void theApiServerKnowsEveryFieldOfEveryObject() {
        Namespaces.create(SERVER.client(), Chart.NAMESPACE);
        List<GenericKubernetesResource> objects = Chart.render("""
                operator: {replicas: 3}
                networkPolicy: {enabled: true, metricsFrom: [{namespaceSelector: {}}]}
                """);

        assertThat(objects).hasSizeGreaterThan(15);
        for (GenericKubernetesResource object : objects) {
            assertThatCode(() -> SERVER.dryRun(object))
                    .as("%s %s", object.getKind(), object.getMetadata().getName())
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void installsUpgradesAndLeavesTheDefinitionsBehind() {
        install();
        assertThat(definition().getAnnotations()).containsEntry("meta.helm.sh/release-name", Chart.RELEASE);
        assertThat(SERVER.client()
                        .apps()
                        .daemonSets()
                        .inNamespace(Chart.NAMESPACE)
                        .withName("uefivm-agent")
                        .get())
                .isNotNull();

        Chart.helm()
                .upgrade()
                .withName(Chart.RELEASE)
                .withNamespace(Chart.NAMESPACE)
                .withKubeConfig(kubeconfig())
                .set("operator.replicas", 2)
                .call();
        assertThat(SERVER.client()
                        .apps()
                        .deployments()
                        .inNamespace(Chart.NAMESPACE)
                        .withName("uefivm-operator")
                        .get()
                        .getSpec()
                        .getReplicas())
                .isEqualTo(2);
        assertThat(definition().getAnnotations()).containsKey("meta.helm.sh/release-name");

        Helm.uninstall(Chart.RELEASE)
                .withNamespace(Chart.NAMESPACE)
                .withKubeConfig(kubeconfig())
                .call();
        assertThat(SERVER.client()
                        .apps()
                        .deployments()
                        .inNamespace(Chart.NAMESPACE)
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(definition().getDeletionTimestamp()).isNull();

        install();
    }

    @Test
    void leavesDefinitionsOfAnotherOwnerAlone() {
        SERVER.controlPlane().applyCrds();

        install();

        assertThat(
                        definition().getAnnotations() == null
                                ? Map.of()
                                : definition().getAnnotations())
                .doesNotContainKey("meta.helm.sh/release-name");
        assertThat(SERVER.client()
                        .apps()
                        .deployments()
                        .inNamespace(Chart.NAMESPACE)
                        .withName("uefivm-operator")
                        .get())
                .isNotNull();
    }

    private static void install() {
        Chart.helm()
                .install()
                .withName(Chart.RELEASE)
                .withNamespace(Chart.NAMESPACE)
                .createNamespace()
                .withKubeConfig(kubeconfig())
                .call();
    }

    private static ObjectMeta definition() {
        CustomResourceDefinition crd = SERVER.client()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(VM_DEFINITION)
                .get();
        assertThat(crd).isNotNull();
        return crd.getMetadata();
    }

    private static Path kubeconfig() {
        return SERVER.controlPlane().kubeconfig();
    }
}
