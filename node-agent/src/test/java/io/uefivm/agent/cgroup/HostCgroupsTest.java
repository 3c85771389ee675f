package io.uefivm.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trees as kubelet and systemd lay them out, without a kernel behind them. */
class HostCgroupsTest {
    private static final String POD = "6b1c8d9e-5f0a-4c3b-9d2e-1a2b3c4d5e6f";
    private static final String SLICES =
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod6b1c8d9e_5f0a_4c3b_9d2e_1a2b3c4d5e6f.slice";
    private static final String DIRECTORIES = "/kubepods/burstable/pod" + POD;
    private static final List<String> VERSION_1 =
            List.of("blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "memory", "pids", "systemd");

    @TempDir
    private Path host;

    private HostCgroups cgroups;

    @BeforeEach
    void host() throws IOException {
        cgroups = new HostCgroups(host);
        seenOnHostAs(ProcessHandle.current().pid());
    }

    /** The process ID that this process has on the host. */
    private void seenOnHostAs(long pid) throws IOException {
        Path self = Files.createDirectories(host.resolve("proc")).resolve("self");
        Files.deleteIfExists(self);
        Files.createSymbolicLink(self, Path.of(Long.toString(pid)));
    }

    private void version1(String pod) throws IOException {
        for (String hierarchy : VERSION_1) {
            group(hierarchy + pod);
        }
    }

    private void version2(String pod) throws IOException {
        group(pod.substring(1));
        Files.writeString(host.resolve("sys/fs/cgroup/cgroup.controllers"), "cpuset cpu io memory hugetlb pids\n");
    }

    private void group(String path) throws IOException {
        Path group = Files.createDirectories(host.resolve("sys/fs/cgroup").resolve(path));
        Files.writeString(group.resolve("cgroup.procs"), "");
    }

    private void systemd() throws IOException {
        Files.createDirectories(host.resolve("run/systemd/system"));
    }

    private void machined() throws IOException {
        systemd();
        Path services = Files.createDirectories(host.resolve("usr/share/dbus-1/system-services"));
        Files.writeString(services.resolve("org.freedesktop.machine1.service"), "[D-BUS Service]\n");
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void machinedIsToldTheSliceByItsParts(int version) throws IOException {
        pod(version, SLICES);
        machined();

        assertThat(cgroups.home(POD))
                .isEqualTo(new Home.Partition("/kubepods/burstable/pod6b1c8d9e_5f0a_4c3b_9d2e_1a2b3c4d5e6f"));
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void withoutMachinedASliceIsAPath(int version) throws IOException {
        pod(version, SLICES);
        systemd();

        assertThat(cgroups.home(POD)).isEqualTo(new Home.Partition(SLICES));
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void whatLibvirtCannotNameIsJoinedAfterTheStart(int version) throws IOException {
        pod(version, DIRECTORIES);

        assertThat(cgroups.home(POD)).isEqualTo(new Home.Joined(DIRECTORIES));
    }

    private void pod(int version, String path) throws IOException {
        if (version == 1) {
            version1(path);
        } else {
            version2(path);
        }
    }

    @Test
    void guaranteedPodsHaveNoLevelOfTheirOwn() throws IOException {
        version2("/kubepods/pod" + POD);

        assertThat(cgroups.home(POD)).isEqualTo(new Home.Joined("/kubepods/pod" + POD));
    }

    @Test
    void aGuaranteedPodOfSystemd() throws IOException {
        version2("/kubepods.slice/kubepods-pod6b1c8d9e_5f0a_4c3b_9d2e_1a2b3c4d5e6f.slice");
        machined();

        assertThat(cgroups.home(POD))
                .isEqualTo(new Home.Partition("/kubepods/pod6b1c8d9e_5f0a_4c3b_9d2e_1a2b3c4d5e6f"));
    }

    @Test
    void cgroupfsAndMachinedDoNotGoTogether() throws IOException {
        version2(DIRECTORIES);
        machined();

        assertThat(outside()).contains("cgroupfs", "cgroupDriver: systemd");
    }

    @Test
    void aHierarchyThatThePodIsNotInIsNamed() throws IOException {
        version1(SLICES);
        Files.createDirectories(host.resolve("sys/fs/cgroup/perf_event"));

        assertThat(outside()).contains("perf_event").doesNotContain("memory");
    }

    @Test
    void processIdsOfAnotherNamespaceAreOfNoUse() throws IOException {
        version2(DIRECTORIES);
        seenOnHostAs(ProcessHandle.current().pid() + 1);

        assertThat(outside()).contains("agent.hostPID=true");
    }

    @Test
    void aPodWithoutACgroupIsSaidToHaveNone() throws IOException {
        version2("/kubepods/burstable/pod11111111-2222-3333-4444-555555555555");

        assertThat(outside()).contains(POD, "cgroupsPerQOS");
    }

    private String outside() {
        return ((Home.Outside) cgroups.home(POD)).why();
    }

    @Test
    void joinsInVersion1WhatIsLimitedAndCounted() throws IOException {
        version1(DIRECTORIES);

        cgroups.join(new Home.Joined(DIRECTORIES), 4711);

        for (String hierarchy : VERSION_1) {
            boolean counted =
                    List.of("blkio", "cpu", "cpuacct", "memory", "pids").contains(hierarchy);
            assertThat(host.resolve("sys/fs/cgroup/" + hierarchy + DIRECTORIES + "/cgroup.procs"))
                    .as(hierarchy)
                    .hasContent(counted ? "4711" : "");
        }
    }
}
