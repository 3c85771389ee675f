package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A kubelet stand-in as a program of its own, for a host that is not this machine: {@code KubeletProgram NODE-NAME
 * CGROUP-DRIVER}, with {@code KUBECONFIG} in its environment. It works on the machine that it runs on, and ends with it.
 */
public final class KubeletProgram {
    private KubeletProgram() {}

    /** The machine that this process runs on. */
    private record ThisMachine() implements HostShell {
        @Override
        public Process start(String... command) throws IOException {
            return new ProcessBuilder(command).start();
        }

        @Override
        public Path outside(String pathInHost) {
            return Path.of(pathInHost);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        var settings =
                StandInKubelet.Settings.of(arguments[0], "16", "64Gi").withCgroups(CgroupDriver.valueOf(arguments[1]));
        try (KubernetesClient client = new KubernetesClientBuilder().build();
                BoundVolumes volumes = BoundVolumes.watch(client);
                StandInKubelet kubelet = StandInKubelet.start(client, settings, new ThisMachine(), volumes)) {
            new CountDownLatch(1).await();
        }
    }
}
