package io.uefivm.e2e.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.RunStrategy;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** VMs of the benchmarks and what is waited for. */
final class Vms {
    static final String NAMESPACE = "default";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final KubernetesClient client;

    Vms(KubernetesClient client) {
        this.client = client;
    }

    /** As small as the quickstart's; {@code claim} is its disk, or null for a VM without one. */
    static UefiVirtualMachine describe(String name, @Nullable String claim) {
        String disks = claim == null ? "" : """
                  disks:
                  - name: root
                    persistentVolumeClaim:
                      claimName: %s
                """.formatted(claim);
        return Serialization.unmarshal("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata:
                  name: %s
                  namespace: %s
                spec:
                  cpu:
                    cores: 1
                  memory:
                    size: 512Mi
                  terminationGracePeriodSeconds: 5
                %s
                """.formatted(name, NAMESPACE, disks), UefiVirtualMachine.class);
    }

    Resource<UefiVirtualMachine> named(String name) {
        return client.resources(UefiVirtualMachine.class).inNamespace(NAMESPACE).withName(name);
    }

    UefiVirtualMachine create(UefiVirtualMachine vm) {
        return client.resource(vm).create();
    }

    UefiVirtualMachine awaitReady(String name) {
        return await(name, Vms::isRunning);
    }

    /** Waits until the firmware has made its boot entries, which is the last of what a boot changes in status. */
    UefiVirtualMachine awaitBootEntries(String name) {
        return await(
                name,
                vm -> Optional.ofNullable(vm.getStatus())
                        .map(UefiVirtualMachineStatus::nvram)
                        .filter(nvram -> !nvram.bootOrder().isEmpty())
                        .isPresent());
    }

    /** Asks the guest to shut down, powers it off after its five seconds, and waits until its state is committed. */
    UefiVirtualMachine halt(String name) {
        become(name, RunStrategy.Halted);
        return await(name, vm -> vm.getStatus() != null && vm.getStatus().phase() == Phase.Stopped);
    }

    void start(String name) {
        become(name, RunStrategy.Always);
    }

    private void become(String name, RunStrategy strategy) {
        named(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"runStrategy\":\"" + strategy.name() + "\"}}");
    }

    void delete(String name) {
        named(name).delete();
        named(name).waitUntilCondition(Objects::isNull, PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private UefiVirtualMachine await(String name, Predicate<UefiVirtualMachine> state) {
        return named(name)
                .waitUntilCondition(vm -> vm != null && state.test(vm), PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static boolean isRunning(UefiVirtualMachine vm) {
        return vm.getStatus() != null
                && vm.getStatus().phase() == Phase.Running
                && vm.getStatus()
                        .condition(ConditionType.Ready)
                        .filter(c -> "True".equals(c.getStatus()))
                        .isPresent();
    }
}
