package io.uefivm.e2e.controlplane;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real API server for one test class. The embedded one knows no admission policies and validates no built-in kind, so
 * the class is skipped on it.
 */
public final class RealApiServer implements BeforeAllCallback, AfterAllCallback {
    private @Nullable ControlPlane controlPlane;

    @Override
    public void beforeAll(ExtensionContext context) {
        controlPlane = ControlPlane.start();
        assumeTrue(
                controlPlane.kind() == ControlPlane.Kind.KUBE_APISERVER,
                "needs a real API server: set KUBE_API_TEST_DIR to the directory of one");
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (controlPlane != null) {
            controlPlane.close();
        }
    }

    public ControlPlane controlPlane() {
        return Objects.requireNonNull(controlPlane);
    }

    public KubernetesClient client() {
        return controlPlane().client();
    }

    /** Server-side apply, refusing fields that the API does not have. */
    public <T extends HasMetadata> T apply(T object) {
        return client().resource(object)
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .serverSideApply();
    }

    /** The same, without storing anything. */
    public <T extends HasMetadata> T dryRun(T object) {
        return client().resource(object)
                .dryRun()
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .serverSideApply();
    }
}
