package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** NVRAM follows its VM to another host, and a host that comes back with an old domain can hurt nobody. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecondHostIT extends OnSite {
    private static KvmHost first;
    private static KvmHost second;

    @BeforeAll
    static void hosts() {
        first = hostUp("kvm-a");
        second = hostUp("kvm-b");
    }

    @Test
    @Order(1)
    void aStaleHostComesBackAndItsDomainIsDestroyed() {
        schedulable("kvm-b", false);
        // Read-only, so that both can have it: QEMU locks a disk that it writes to, and the stale domain would hold the
        // lock. Nothing of that kind protects NVRAM.
        site.disk(NAMESPACE, "roamer", GuestImage.get().signed());
        create("roamer", "{name: root, readOnly: true, persistentVolumeClaim: {claimName: roamer}}", "");
        UefiVirtualMachineStatus before = awaitReady("roamer", 1);
        assertThat(before.nodeName()).isEqualTo("kvm-a");
        guestUp(first, "roamer", 0);
        try (GuestConsole console = first.console(vm("roamer").get())) {
            console.run("efivar-write UefivmTest 01");
        }

        // The agent is gone and somebody deletes the pod by force: only the epochs protect the state now.
        first.agent().kill();
        schedulable("kvm-a", false);
        schedulable("kvm-b", true);
        site.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName(before.podName())
                .withGracePeriod(0)
                .delete();
        UefiVirtualMachineStatus after = awaitReady("roamer", 2);
        assertThat(after.nodeName()).isEqualTo("kvm-b");
        assertThat(after.identity()).isEqualTo(before.identity());
        assertThat(after.machineType()).isEqualTo(before.machineType());
        assertThat(domains(first)).as("the stale domain").containsExactly("default.roamer");
        guestUp(second, "roamer", 0);
        try (GuestConsole console = second.console(vm("roamer").get())) {
            assertThat(console.run("efivar-read UefivmTest"))
                    .as("found in what the crashed epoch left")
                    .isEqualTo("01");
            console.run("efivar-write UefivmTest 02");
        }
        try (GuestConsole console = first.console(vm("roamer").get())) {
            console.run("efivar-write UefivmTest 03");
        }

        first.startAgent().awaitReady();
        Awaitility.await()
                .atMost(STEP)
                .untilAsserted(() -> assertThat(domains(first)).isEmpty());
        assertThat(status("roamer").epoch()).isEqualTo(2);
        assertThat(is(status("roamer"), ConditionType.Ready, "True")).isTrue();
        assertThat(domains(second)).containsExactly("default.roamer");
    }

    @Test
    @Order(2)
    void theVariableAndTheBootEntryAreThereWhenTheHostIsTakenAway() {
        try (GuestConsole console = second.console(vm("roamer").get())) {
            console.run("boot-entry 00A5 Uefivm-Test");
        }
        patchSpec("roamer", "{\"runStrategy\": \"Halted\"}");
        UefiVirtualMachineStatus stopped = await("roamer", "Stopped", s -> s.phase() == Phase.Stopped);
        assertThat(stopped.nvram().bootOrder()).anySatisfy(entry -> {
            assertThat(entry.number()).isEqualTo("00A5");
            assertThat(entry.description()).isEqualTo("Uefivm-Test");
        });

        second.close();
        site.client().nodes().withName("kvm-b").delete();
        schedulable("kvm-a", true);
        patchSpec("roamer", "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus after = awaitReady("roamer", 3);
        assertThat(after.nodeName()).isEqualTo("kvm-a");
        guestUp(first, "roamer", 0);
        try (GuestConsole console = first.console(vm("roamer").get())) {
            assertThat(console.run("efivar-read UefivmTest"))
                    .as("what the valid epoch wrote, not what the stale one did")
                    .isEqualTo("02");
            assertThat(console.run("efivar-list")).contains("Boot00A5-");
        }
    }

    /** As {@code kubectl cordon} does it: kubelet and operator write the Node at the same time. */
    private static void schedulable(String node, boolean schedulable) {
        site.client()
                .nodes()
                .withName(node)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"unschedulable\": %s}}".formatted(!schedulable));
    }
}
