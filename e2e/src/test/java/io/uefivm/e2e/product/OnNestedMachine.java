package io.uefivm.e2e.product;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.cluster.CgroupDriver;
import io.uefivm.e2e.lab.NestedMachine;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A site of which one host is a nested machine, with libvirt, the kubelet stand-in and the node agent on it, everything else
 * outside. Not among the integration tests of every build, because an emulated machine takes its time.
 */
abstract class OnNestedMachine extends OnSite {
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /** Starts kubelet and agent there. This machine's classes and programs are at the same paths inside. */
    static String programs(String node, String accelerator, CgroupDriver cgroups) throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        Path kubeconfig = work.resolve("nested.kubeconfig");
        Files.writeString(
                kubeconfig,
                Files.readString(writes.kubeconfig())
                        .replace("127.0.0.1", NestedMachine.OUTSIDE)
                        .replace("localhost", NestedMachine.OUTSIDE));
        return """
                export KUBECONFIG=%1$s UEFIVM_LOG=plain
                java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m -cp '%2$s/e2e/target/classes:%2$s/e2e/target/layout/lib/*' \\
                    io.uefivm.e2e.cluster.KubeletProgram %3$s %4$s >%5$s/kubelet.log 2>&1 &
                until virsh --connect qemu:///system version; do sleep 1; done
                %2$s/node-agent/target/layout/start --node-name=%3$s --namespace=%6$s --accelerator=%7$s >%5$s/agent.log 2>&1 &
                """.formatted(kubeconfig, root, node, cgroups, work, Programs.NAMESPACE, accelerator);
    }

    /** Creates a VM that has a disk with nothing on it. */
    static void createWithDisk(String name, String spec) throws IOException {
        emptyDisk(name);
        create(name, "{name: root, persistentVolumeClaim: {claimName: " + name + "}}", spec);
    }

    static void emptyDisk(String claim) throws IOException {
        Path empty = work.resolve("empty.img");
        try (var file = new RandomAccessFile(empty.toFile(), "rw")) {
            file.setLength(16 << 20);
        }
        site.disk(NAMESPACE, claim, empty);
    }

    static ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofSeconds(2));
    }

    static UefiVirtualMachineStatus awaitStatus(
            NestedMachine machine, String name, Predicate<UefiVirtualMachineStatus> condition) {
        try {
            return await(name).until(() -> status(name), condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    Serialization.asYaml(status(name)) + "\n" + String.join("\n", machine.lines("agent.log")), e);
        }
    }
}
