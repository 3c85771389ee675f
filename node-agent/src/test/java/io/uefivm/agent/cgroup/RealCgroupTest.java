package io.uefivm.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.LibvirtHypervisor;
import io.uefivm.agent.hypervisor.PrivateLibvirt;
import io.uefivm.agent.hypervisor.TinyGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real libvirt and QEMU in the cgroups that kubelet would make, on a machine with version 1 and no machined in reach. */
@Tag("libvirt")
class RealCgroupTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final long LIMIT = 256L << 20;

    private final String pod = UUID.randomUUID().toString();
    private final List<Path> made = new ArrayList<>();
    private final UUID domain = UUID.randomUUID();

    @TempDir
    private Path root;

    private HostCgroups cgroups;
    private PrivateLibvirt libvirt;
    private Hypervisor hypervisor;

    @BeforeEach
    void start() throws IOException {
        Assumptions.assumeTrue(
                Files.isWritable(CGROUPS.resolve("memory")), "this machine has no cgroup version 1 to write to");
        // The host as libvirt here sees it: its /run is empty, so there is no systemd.
        Files.createSymbolicLink(root.resolve("sys"), Path.of("/sys"));
        Files.createSymbolicLink(root.resolve("proc"), Path.of("/proc"));
        cgroups = new HostCgroups(root);
        libvirt = PrivateLibvirt.start();
        hypervisor = LibvirtHypervisor.connect(libvirt.uri(), libvirt.hostRoot());
    }

    @AfterEach
    void end() throws IOException {
        if (hypervisor != null) {
            hypervisor.close();
        }
        if (libvirt != null) {
            libvirt.close();
        }
        for (int last = made.size() - 1; last >= 0; last--) {
            removeWithChildren(made.get(last));
        }
    }

    private static void removeWithChildren(Path group) throws IOException {
        try (var children = Files.newDirectoryStream(group, Files::isDirectory)) {
            for (Path child : children) {
                removeWithChildren(child);
            }
        }
        Files.delete(group);
    }

    /** As kubelet does it: in every hierarchy. */
    private void makePod(String... levels) throws IOException {
        try (var hierarchies = Files.newDirectoryStream(CGROUPS, Files::isDirectory)) {
            for (Path hierarchy : hierarchies) {
                Path group = hierarchy;
                for (String level : levels) {
                    group = group.resolve(level);
                    if (!Files.exists(group)) {
                        Files.createDirectory(group);
                        made.add(group);
                    }
                    inherit(group, "cpuset.cpus");
                    inherit(group, "cpuset.mems");
                }
                limit(group.resolve("memory.limit_in_bytes"));
            }
        }
    }

    private static void inherit(Path group, String file) throws IOException {
        if (Files.exists(group.resolve(file))) {
            Files.writeString(group.resolve(file), Files.readString(group.resolveSibling(file)));
        }
    }

    private static void limit(Path file) throws IOException {
        if (Files.exists(file)) {
            Files.writeString(file, Long.toString(LIMIT));
        }
    }

    private long startGuest(String resource) throws Exception {
        String xml = TinyGuest.STUBBORN
                .xml(domain.toString(), "tiny", "", libvirt.scratch())
                .replace("<features>", resource + "<features>");
        hypervisor.start(xml);
        return libvirt.qemuPid("tiny");
    }

    /** Of the memory hierarchy. */
    private static String memoryGroup(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
                .filter(line -> line.contains(":memory:"))
                .map(line -> line.substring(line.lastIndexOf(':') + 1))
                .findFirst()
                .orElseThrow();
    }

    private static void assertLimited(String group) throws IOException {
        assertThat(Files.readAllLines(CGROUPS.resolve("memory" + group + "/memory.stat")))
                .contains("hierarchical_memory_limit " + LIMIT);
    }

    @Test
    void libvirtStartsItInTheSliceOfThePodAndItEndsWithThePod() throws Exception {
        String prefix = "kubepods-burstable-pod" + pod.replace('-', '_') + ".slice";
        makePod("kubepods.slice", "kubepods-burstable.slice", prefix);
        Home.Partition home = (Home.Partition) cgroups.home(pod);

        long qemu = startGuest("<resource><partition>" + home.name() + "</partition></resource>");

        String group = memoryGroup(qemu);
        assertThat(group).startsWith("/kubepods.slice/kubepods-burstable.slice/" + prefix + "/");
        assertLimited(group);
        endAsKubeletDoes("kubepods.slice/kubepods-burstable.slice/" + prefix);
        await("the guest ended with its pod")
                .atMost(PATIENCE)
                .until(() -> hypervisor.domains().isEmpty()
                        && !ProcessHandle.of(qemu).map(ProcessHandle::isAlive).orElse(false));
    }

    @Test
    void isMovedToAPodThatLibvirtCannotName() throws Exception {
        makePod("kubepods", "burstable", "pod" + pod);
        Home.Joined home = (Home.Joined) cgroups.home(pod);
        long qemu = startGuest("");

        cgroups.join(home, qemu);

        String group = memoryGroup(qemu);
        assertThat(group).isEqualTo("/kubepods/burstable/pod" + pod);
        assertLimited(group);
        endAsKubeletDoes("kubepods/burstable/pod" + pod);
        await("the guest ended with its pod")
                .atMost(PATIENCE)
                .until(() -> !ProcessHandle.of(qemu).map(ProcessHandle::isAlive).orElse(false));
    }

    /** kubelet kills whatever is left in the cgroup of a pod whose containers have ended, and removes it. */
    private static void endAsKubeletDoes(String podGroup) throws IOException {
        try (var groups = Files.walk(CGROUPS.resolve("memory").resolve(podGroup))) {
            for (Path group : groups.filter(Files::isDirectory).toList()) {
                for (String pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
                    ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
                }
            }
        }
    }
}
