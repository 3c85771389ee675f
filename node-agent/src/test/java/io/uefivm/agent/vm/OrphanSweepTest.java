package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.DomainMetadata;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.TinyGuest;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
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

    private final OnHost onHost = new OnHost();
    private StubApiServer apiServer;
    private FakeHypervisor hypervisor;
    private OrphanSweep sweep;

    @BeforeEach
    void start() throws IOException {
        apiServer = new StubApiServer(this::answer);
        hypervisor = new FakeHypervisor(
                new HypervisorFacts("9.0.0", "7.2.0", List.of("pc-q35-7.2")), InstantSource.system());
        sweep = new OrphanSweep(
                apiServer.client,
                "n1",
                hypervisor,
                onHost,
                new EventRecorder(apiServer.client, "test", "n1", Clock.systemUTC()));
    }

    @AfterEach
    void stop() {
        apiServer.close();
        hypervisor.close();
    }

    @Test
    void aHostInOrderIsOneReadHoweverManyDomainsItHas() throws Exception {
        for (int i = 0; i < 20; i++) {
            vms.put("vm-" + i, "n1");
            domain("vm-" + i, 1);
        }
        sweep.sweep();
        assertThat(apiServer.reads)
                .containsExactly(VMS + "/uefivirtualmachines?fieldSelector=status.nodeName%3Dn1&resourceVersion=0");
        assertThat(hypervisor.domains()).hasSize(20);
        assertThat(onHost.released).isEmpty();
    }

    @Test
    void aHostWithoutDomainsIsNoRead() throws Exception {
        sweep.sweep();
        assertThat(apiServer.reads).isEmpty();
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
        assertThat(apiServer.reads).hasSize(3).contains(VMS + "/namespaces/ns/uefivirtualmachines/deleted");
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

    private Optional<String> answer(String uri) {
        String name = uri.substring(uri.lastIndexOf('/') + 1);
        if (uri.startsWith("/api/v1/pods")) {
            return Optional.of(list("v1", "Pod", pod("starting")));
        }
        if (uri.contains("fieldSelector")) {
            String here = vms.entrySet().stream()
                    .filter(vm -> vm.getValue().equals("n1"))
                    .map(vm -> vm(vm.getKey()))
                    .collect(Collectors.joining(","));
            return Optional.of(list("uefivm.io/v1alpha1", "UefiVirtualMachine", here));
        }
        return vms.containsKey(name) ? Optional.of(vm(name)) : Optional.empty();
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
        public VmStatus takeBack(UefiVirtualMachine vm, VmStatus status) {
            return status;
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
