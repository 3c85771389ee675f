package io.uefivm.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import io.uefivm.operator.vm.model.FirmwareRollout;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The operator's process. */
@Command(
        name = "uefivm-operator",
        mixinStandardHelpOptions = true,
        description =
                "Places UEFI virtual machines on KVM hosts. Connects as kubectl does: in-cluster, or by KUBECONFIG.")
public final class Main implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    @Option(
            names = "--hold-image",
            required = true,
            defaultValue = "${env:UEFIVM_HOLD_IMAGE}",
            description = "Image of the VM pods' container: any with a POSIX shell, best the node agent's, which the"
                    + " nodes have already.")
    private String holdImage = "";

    @Option(
            names = "--namespace",
            required = true,
            defaultValue = "${env:POD_NAMESPACE}",
            description = "Namespace of the agents' Leases and of the leader's; default $POD_NAMESPACE.")
    private String namespace = "";

    @Option(names = "--leader-elect", description = "Let several replicas agree on one that works.")
    private boolean leaderElect;

    @Option(
            names = "--health-port",
            defaultValue = "8080",
            description = "Port of /healthz, /readyz and /metrics; default ${DEFAULT-VALUE}.")
    private int healthPort;

    @Option(names = "--bind", description = "Address of that port; default all addresses in a cluster, else 127.0.0.1.")
    private String bind = System.getenv("KUBERNETES_SERVICE_HOST") == null ? "127.0.0.1" : "0.0.0.0";

    @Option(
            names = "--firmware-rollout-percentage",
            description = "Roll new firmware out to this part of the VMs, 0 to 100; all others keep the build that they"
                    + " ran with last. Without it a VM keeps its build where a host still has it.")
    private Optional<Integer> rolloutPercentage = Optional.empty();

    @Option(
            names = "--firmware-rollout-label",
            paramLabel = "KEY=VALUE",
            description =
                    "VMs with this label take the new firmware too; if given several times, those with all of them.")
    private Map<String, String> rolloutLabels = Map.of();

    @Spec
    private @Nullable CommandSpec command;

    public static void main(String[] args) {
        int code = new CommandLine(new Main()).execute(args);
        // With 0 the shutdown hook is at work already.
        if (code != 0) {
            System.exit(code);
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        OperatorOptions options = new OperatorOptions(holdImage, namespace, leaderElect, bind, healthPort, rollout());
        try (KubernetesClient client = new KubernetesClientBuilder().build();
                OperatorRuntime runtime = OperatorRuntime.start(client, options, Clock.systemUTC())) {
            LOG.info("working; health and metrics on {}:{}", bind, runtime.healthPort());
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                stop.countDown();
                                await(stopped);
                            },
                            "shutdown"));
            stop.await();
        } catch (OperatorException | KubernetesClientException e) {
            LOG.error("cannot start; are the definitions in crds/ installed and the operator's rights granted?", e);
            return 1;
        }
        stopped.countDown();
        return 0;
    }

    private Optional<FirmwareRollout> rollout() {
        if (rolloutPercentage.isEmpty() && rolloutLabels.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new FirmwareRollout(rolloutPercentage.orElse(0), rolloutLabels));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    Objects.requireNonNull(command).commandLine(),
                    "--firmware-rollout-percentage: " + e.getMessage(),
                    e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
