package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.uefivm.agent.domain.DomainMetadata;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.TinyGuest;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class OrphanSweepTest {
    private static final String VMS = "/apis/uefivm.io/v1alpha1";

    @TempDir
    Path directory;

    /** Name to status.nodeName of the VMs that there are; all of epoch 1. */
    private final Map<String, String> vms = new TreeMap<>();

    private final List<String> reads = new CopyOnWriteArrayList<>();
    private final OnHost onHost = new OnHost();
    private HttpServer apiServer;
    private KubernetesClient client;
    private FakeHypervisor hypervisor;
    private OrphanSweep sweep;

    @BeforeEach
    void start() throws IOException {
        apiServer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        apiServer.createContext("/", this::answer);
        apiServer.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(io.fabric8.kubernetes.client.Config.empty())
                        .withMasterUrl(
                                "http://127.0.0.1:" + apiServer.getAddress().getPort())
                        .build())
                .build();
        hypervisor = new FakeHypervisor(
                new HypervisorFacts("9.0.0", "7.2.0", List.of("pc-q35-7.2")), InstantSource.system());
        sweep = new OrphanSweep(
                client, "n1", hypervisor, onHost, new EventRecorder(client, "test", "n1", Clock.systemUTC()));
    }

    @AfterEach
    void stop() {
        client.close();
        hypervisor.close();
        apiServer.stop(0);
    }

    @Test
    void aHostInOrderIsOneReadHoweverManyDomainsItHas() throws Exception {
        for (int i = 0; i < 20; i++) {
            vms.put("vm-" + i, "n1");
            domain("vm-" + i, 1);
        }
        sweep.sweep();
        assertThat(reads).containsExactly(VMS + "/uefivirtualmachines?fieldSelector=status.nodeName%3Dn1");
        assertThat(hypervisor.domains()).hasSize(20);
        assertThat(onHost.released).isEmpty();
    }

    @Test
    void aHostWithoutDomainsIsNoRead() throws Exception {
        sweep.sweep();
        assertThat(reads).isEmpty();
    }

    @Test
    void domainsOfDeletedMovedAndRestartedVmsEnd() throws Exception {
        vms.put("here", "n1");
        vms.put("moved", "n2");
        for (String name : List.of("here", "moved", "deleted")) {
            domain(name, 1);
        }
        vms.put("restarted", "n1");
        domain("restarted", 0);
        sweep.sweep();
        assertThat(hypervisor.domains()).extracting(d -> d.name()).containsExactly("here");
        assertThat(onHost.released).containsExactlyInAnyOrder(uid("moved"), uid("deleted"), uid("restarted"));
        assertThat(reads).hasSize(3).contains(VMS + "/namespaces/ns/uefivirtualmachines/deleted");
    }

    @Test
    void whatADomainOrAPodNeedsStays() throws Exception {
        vms.put("here", "n1");
        domain("here", 1);
        onHost.present.addAll(Set.of(uid("starting"), uid("left")));
        sweep.sweep();
        assertThat(onHost.released).containsExactly(uid("left"));
    }

    private void domain(String name, long epoch) throws Exception {
        String owner = "<u:owner xmlns:u='%s' namespace='ns' name='%s' uid='%s' epoch='%d' pod='pod'/>"
                .formatted(DomainMetadata.NAMESPACE, name, uid(name), epoch);
        hypervisor.start(TinyGuest.STUBBORN.xml(uid(name), name, owner, directory));
        onHost.present.add(uid(name));
    }

    private static String uid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String uri = exchange.getRequestURI().toString();
        byte[] request = exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestMethod().equals("GET")) {
            reads.add(uri);
            String name = uri.substring(uri.lastIndexOf('/') + 1);
            if (uri.startsWith("/api/v1/pods")) {
                reply(exchange, 200, list("v1", "Pod", pod("starting")));
            } else if (uri.contains("fieldSelector")) {
                String here = vms.entrySet().stream()
                        .filter(vm -> vm.getValue().equals("n1"))
                        .map(vm -> vm(vm.getKey()))
                        .collect(Collectors.joining(","));
                reply(exchange, 200, list("uefivm.io/v1alpha1", "UefiVirtualMachine", here));
            } else if (vms.containsKey(name)) {
                reply(exchange, 200, vm(name));
            } else {
                reply(exchange, 404, "{\"kind\": \"Status\", \"code\": 404, \"reason\": \"NotFound\"}");
            }
        } else {
            reply(exchange, 201, new String(request, StandardCharsets.UTF_8));
        }
    }

    private static void reply(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static String list(String apiVersion, String kind, String items) {
        return """
                {"apiVersion": "%s", "kind": "%sList", "metadata": {}, "items": [%s]}""".formatted(apiVersion, kind, items);
    }

    private String vm(String name) {
        return """
                {"apiVersion": "uefivm.io/v1alpha1", "kind": "UefiVirtualMachine",
                 "metadata": {"namespace": "ns", "name": "%s", "uid": "%s"},
                 "spec": {"memory": {"size": "1Gi"}}, "status": {"epoch": 1, "nodeName": "%s"}}""".formatted(name, uid(name), vms.get(name));
    }

    private static String pod(String vm) {
        return """
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"namespace": "ns", "name": "p", "labels": {"uefivm.io/vm-uid": "%s"}},
                 "spec": {"nodeName": "n1", "containers": []}}""".formatted(uid(vm));
    }

    /** Only what is there and what was given back. */
    private static final class OnHost implements Machines {
        private final Set<String> present = new TreeSet<>();
        private final Set<String> released = new TreeSet<>();

        @Override
        public void erase(String vmUid, Pod pod) {
            throw new AssertionError("not called");
        }

        @Override
        public Set<String> present() {
            return present;
        }

        @Override
        public void release(String vmUid, Optional<Pod> pod) {
            released.add(vmUid);
            present.remove(vmUid);
        }

        @Override
        public VmStatus start(UefiVirtualMachine vm, Pod pod, VmStatus status) {
            throw new AssertionError("a sweep starts nothing");
        }

        @Override
        public VmStatus look(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
            throw new AssertionError("a sweep reads no store");
        }

        @Override
        public VmStatus commit(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
            throw new AssertionError("a sweep commits nothing");
        }

        @Override
        public VmStatus observe(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
            throw new AssertionError("a sweep reads no store");
        }

        @Override
        public MediaChange changeMedia(UefiVirtualMachine vm, Pod pod, UUID domain) {
            throw new AssertionError("a sweep changes no medium");
        }

        @Override
        public void onStoreNews(Consumer<String> listener) {
            throw new AssertionError("a sweep watches no store");
        }

        @Override
        public Optional<String> bootRefusal(String vmUid) {
            return Optional.empty();
        }
    }
}
