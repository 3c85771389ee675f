package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.uefivm.e2e.controlplane.embedded.EmbeddedApi;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * {@link EmbeddedApi} on a loopback port, with a {@link ApiProxy} in front that turns its WebSocket watches into the
 * chunked ones that {@code kubectl} wants.
 */
final class EmbeddedControlPlane implements ControlPlane {

    /** The server logs every request at INFO; the reference keeps the level from being collected with the logger. */
    private static final Logger REQUEST_LOG = Logger.getLogger(MockWebServer.class.getName());

    private final KubernetesMockServer server;
    private final ApiProxy proxy;
    private final KubeconfigFile kubeconfig;
    private final KubernetesClient client;

    private EmbeddedControlPlane(KubernetesMockServer server) {
        this.server = server;
        this.proxy = ApiProxy.bridgingWatches("http://127.0.0.1:" + server.getPort());
        this.kubeconfig = KubeconfigFile.forAddress(proxy.address());
        this.client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.path().toFile()))
                .build();
    }

    static EmbeddedControlPlane start() {
        REQUEST_LOG.setLevel(Level.WARNING);
        MockWebServer web = new MockWebServer();
        EmbeddedApi api = new EmbeddedApi() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                // The server keeps every request for takeRequest(), which nobody calls.
                web.reset();
                return super.dispatch(request);
            }
        };
        KubernetesMockServer server =
                new KubernetesMockServer(new Context(Serialization.jsonMapper()), web, new HashMap<>(), api, false);
        server.init(InetAddress.getLoopbackAddress(), 0);
        return new EmbeddedControlPlane(server);
    }

    @Override
    public Kind kind() {
        return Kind.EMBEDDED;
    }

    @Override
    public KubernetesClient client() {
        return client;
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig.path();
    }

    @Override
    public void close() {
        client.close();
        proxy.close();
        server.destroy();
        kubeconfig.close();
    }
}
