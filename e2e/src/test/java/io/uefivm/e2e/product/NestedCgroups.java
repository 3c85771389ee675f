package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.Virtualization;
import io.uefivm.e2e.cluster.CgroupDriver;
import io.uefivm.e2e.lab.NestedMachine;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A guest on KVM in the cgroup of its pod, version 2, with a vsock and a TPM: on nested machines with the one and the other
 * of kubelet's cgroup drivers. Not among the integration tests of every build; node-agent/docs/host.md has the command.
 */
class NestedCgroups extends OnNestedMachine {
    private static final String GROUPS = "/sys/fs/cgroup/";
    private static final String TOO_LITTLE = Integer.toString(100 << 20);

    @Test
    void machinedPutsAGuestIntoTheSliceOfItsPod() throws IOException {
        site.operator().awaitReady();
        try (NestedMachine machine = boot("by-systemd", NestedMachine.Init.SYSTEMD, CgroupDriver.SYSTEMD)) {
            awaitKvmAndVsock("by-systemd");
            createOn("sliced", "by-systemd");
            awaitStatus(machine, "sliced", s -> is(s, ConditionType.Ready, "True"));

            String group = slice("sliced");
            assertThat(groupOf(machine, "/run/libvirt/qemu/default.sliced.pid")).startsWith(group + "/machine-qemu");
            assertThat(groupOf(machine, swtpm("sliced"))).startsWith(group + "/machine-qemu");
            followsItsPod(machine, "sliced", group);
            endsWithItsPod(machine, "sliced", slice("sliced"));
        }
    }

    @Test
    void aGuestIsMovedToThePodThatLibvirtCannotName() throws IOException {
        site.operator().awaitReady();
        try (NestedMachine machine = boot("by-cgroupfs", NestedMachine.Init.SHELL, CgroupDriver.CGROUPFS)) {
            awaitKvmAndVsock("by-cgroupfs");
            createOn("moved", "by-cgroupfs");
            awaitStatus(machine, "moved", s -> is(s, ConditionType.Ready, "True"));

            String group = directory("moved");
            assertThat(groupOf(machine, "/run/libvirt/qemu/default.moved.pid")).isEqualTo(group + "/uefivm");
            assertThat(groupOf(machine, swtpm("moved"))).doesNotStartWith(group);
            followsItsPod(machine, "moved", group);
            endsWithItsPod(machine, "moved", directory("moved"));
        }
    }

    private static NestedMachine boot(String node, NestedMachine.Init init, CgroupDriver cgroups) throws IOException {
        return NestedMachine.boot(node, init, work, TouchingFirmware.install(work) + programs(node, "kvm", cgroups));
    }

    private static void awaitKvmAndVsock(String node) {
        Virtualization seen = await("what " + node + " can do")
                .until(
                        () -> Optional.ofNullable(site.client()
                                        .resources(UefiHost.class)
                                        .withName(node)
                                        .get())
                                .map(UefiHost::getStatus)
                                .map(status -> status.virtualization()),
                        virtualization -> virtualization
                                .filter(v -> v.accelerator() != null)
                                .isPresent())
                .orElseThrow();
        assertThat(seen.accelerator()).isEqualTo("kvm");
        assertThat(seen.vsock()).isTrue();
    }

    private static void createOn(String name, String node) throws IOException {
        createWithDisk(name, """
                firmware: {secureBoot: Disabled}
                tpm: {enabled: true}
                vsock: {}
                terminationGracePeriodSeconds: 1
                nodeSelector: {kubernetes.io/hostname: %s}
                """.formatted(node));
    }

    /** The pod's limit is in force, its use is the guest's, and a guest that needs more dies alone. */
    private static void followsItsPod(NestedMachine machine, String name, String group) {
        String limit = pod(name)
                .getSpec()
                .getContainers()
                .get(0)
                .getResources()
                .getLimits()
                .get("memory")
                .getNumericalAmount()
                .toBigInteger()
                .toString();
        assertThat(machine.run("cat " + GROUPS + group + "/memory.max")).isEqualTo(limit);
        await("the guest's memory is the pod's")
                .until(() -> Long.parseLong(machine.run("cat " + GROUPS + group + "/memory.current"))
                        >= TouchingFirmware.TOUCHED - (2 << 20));
        assertThat(machine.run("virsh -q dumpxml default." + name))
                .contains("<cid auto='yes' address='" + status(name).domain().vsockCid() + "'/>");

        long epoch = epoch(name);
        machine.run("echo " + TOO_LITTLE + " >" + GROUPS + group + "/memory.max");
        awaitNext(machine, name, epoch, 1);
    }

    private static void endsWithItsPod(NestedMachine machine, String name, String group) {
        long epoch = epoch(name);
        machine.run("echo 1 >" + GROUPS + group + "/cgroup.kill");
        awaitNext(machine, name, epoch, 2);
        patchSpec(name, "{\"runStrategy\": \"Halted\"}");
        awaitStatus(machine, name, s -> s.phase() == Phase.Stopped);
        await("kubelet has removed the cgroups of the pod's predecessors")
                .until(() -> machine.run("[ -d " + GROUPS + group + " ] || echo gone")
                        .equals("gone"));
    }

    /** The end of an epoch is told, as so many before, and the VM runs again. */
    private static void awaitNext(NestedMachine machine, String name, long epoch, long crashes) {
        await("the node agent tells the end of epoch " + epoch)
                .until(() -> events(name).stream()
                                .filter(event -> event.getReason().equals("Crashed")
                                        && event.getNote().contains("; NVRAM generation "))
                                .count()
                        >= crashes);
        awaitStatus(machine, name, s -> s.epoch() != null && s.epoch() > epoch && is(s, ConditionType.Ready, "True"));
    }

    private static long epoch(String name) {
        return Objects.requireNonNull(status(name).epoch());
    }

    private static Pod pod(String name) {
        return site.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName(status(name).podName())
                .get();
    }

    private static String slice(String name) {
        String uid = pod(name).getMetadata().getUid().replace('-', '_');
        return "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + uid + ".slice";
    }

    private static String directory(String name) {
        return "kubepods/burstable/pod" + pod(name).getMetadata().getUid();
    }

    private static String swtpm(String name) {
        return "/run/libvirt/qemu/swtpm/*default." + name + "-swtpm.pid";
    }

    /** Of the process whose ID is in that file, without the first slash. */
    private static String groupOf(NestedMachine machine, String pidFile) {
        return machine.run("sed s,^0::/,, /proc/$(cat " + pidFile + ")/cgroup");
    }
}
