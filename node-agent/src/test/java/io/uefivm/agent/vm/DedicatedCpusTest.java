package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.domain.Pinning;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host of two sockets with two cores of two threads each: 0-3 are cores, 4-7 their second threads. */
class DedicatedCpusTest {
    private static final String POD = "6b1c8d9e-5f0a-4c3b-9d2e-1a2b3c4d5e6f";
    private static final String CONTAINER = "0123456789abcdef";
    private static final String VERSION_1 = "cpuset/kubepods/pod" + POD + "/" + CONTAINER;
    private static final String VERSION_2 = "kubepods.slice/kubepods-pod6b1c8d9e_5f0a_4c3b_9d2e_1a2b3c4d5e6f.slice/"
            + "cri-containerd-" + CONTAINER + ".scope";

    @TempDir
    private Path host;

    private DedicatedCpus cpus;

    @BeforeEach
    void host() throws IOException {
        cpus = new DedicatedCpus(host);
        file("sys/devices/system/cpu/online", "0-7");
        for (int cpu = 0; cpu < 8; cpu++) {
            file("sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list", cpu % 4 + "," + (cpu % 4 + 4));
        }
        file("sys/devices/system/node/online", "0-1");
        file("sys/devices/system/node/has_memory", "0-1");
        file("sys/devices/system/node/node0/cpulist", "0-1,4-5");
        file("sys/devices/system/node/node1/cpulist", "2-3,6-7");
    }

    private void file(String path, String content) throws IOException {
        Path file = host.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content + "\n");
    }

    private void version1(String cpus, String nodes) throws IOException {
        Files.createDirectories(host.resolve("sys/fs/cgroup/memory/kubepods/pod" + POD));
        // The pod's sandbox has a container too, which is not held to anything.
        file("sys/fs/cgroup/cpuset/kubepods/pod" + POD + "/fedcba9876543210/cpuset.cpus", "0-7");
        file("sys/fs/cgroup/" + VERSION_1 + "/cpuset.cpus", cpus);
        file("sys/fs/cgroup/" + VERSION_1 + "/cpuset.mems", nodes);
    }

    private void version2(String cpus, String nodes) throws IOException {
        file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu memory");
        file("sys/fs/cgroup/" + VERSION_2 + "/cpuset.cpus", "");
        file("sys/fs/cgroup/" + VERSION_2 + "/cpuset.cpus.effective", cpus);
        file("sys/fs/cgroup/" + VERSION_2 + "/cpuset.mems.effective", nodes);
    }

    private Optional<Pinning> given(String cpu) throws Failure {
        var vm = Serialization.unmarshal("spec: {memory: {size: 1Gi}, cpu: " + cpu + "}", UefiVirtualMachine.class);
        var pod = Serialization.unmarshal("""
                metadata: {uid: %s}
                status: {containerStatuses: [{name: hold, containerID: 'containerd://%s'}]}
                """.formatted(POD, CONTAINER), Pod.class);
        return cpus.of(vm, pod);
    }

    @Test
    void threadsOfOneCoreStayTogetherAndMemoryIsBesideThem() throws Exception {
        version1("2,3,6,7", "0-1");

        assertThat(given("{cores: 2, threads: 2, dedicated: true}"))
                .contains(new Pinning(List.of(2, 6, 3, 7), Optional.of(new Pinning.Memory(List.of(1), false))));
    }

    @Test
    void memoryThatKubeletBindsIsBound() throws Exception {
        version2("1,5", "0");

        assertThat(given("{cores: 2, dedicated: true}"))
                .contains(new Pinning(List.of(1, 5), Optional.of(new Pinning.Memory(List.of(0), true))));
    }

    @Test
    void processorsOfTwoNodesHaveNoMemoryBesideThem() throws Exception {
        version2("1-2", "0-1");

        assertThat(given("{cores: 2, dedicated: true}")).contains(new Pinning(List.of(1, 2), Optional.empty()));
    }

    @Test
    void nothingIsPinnedThatDoesNotAskForIt() throws Exception {
        assertThat(given("{cores: 2}")).isEmpty();
    }

    @Test
    void processorsThatAreSharedWithOthersAreRefused() throws Exception {
        version2("0-7", "0-1");

        assertRefused("{cores: 2, dedicated: true}", "0, 4, 1, 5, 2, 6, 3, 7", "cpuManagerPolicy: static");
        // As many as there are, and yet everybody's.
        assertRefused("{cores: 8, dedicated: true}", "cpuManagerPolicy: static");
    }

    @Test
    void aContainerThatCannotBeFoundIsRefused() throws Exception {
        version1("2", "0");
        Files.delete(host.resolve("sys/fs/cgroup/" + VERSION_1 + "/cpuset.cpus"));

        assertRefused("{cores: 1, dedicated: true}", "cpuset.cpus");
    }

    private void assertRefused(String cpu, String... words) {
        assertThatThrownBy(() -> given(cpu))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.reason()).isEqualTo(Reason.CpusNotDedicated))
                .hasMessageContainingAll(words);
    }
}
