package io.uefivm.e2e.product;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Starts operator and node agents from the layout directories that the build made. */
public final class Programs {
    /** The namespace that operator and agents live in. */
    public static final String NAMESPACE = "uefivm-system";

    private final Path root;
    private final Path logs;

    /**
     * Programs of one project checkout.
     *
     * @param root the project's root directory
     * @param logs where the logs go
     */
    public Programs(Path root, Path logs) {
        this.root = root;
        this.logs = logs;
    }

    /** The operator; {@code kubeconfig} is what it works against, and {@code options} are further ones of its own. */
    public Program operator(Path kubeconfig, String... options) {
        int port = freePort();
        var words = new ArrayList<>(List.of(
                start("operator"),
                "--namespace=" + NAMESPACE,
                "--hold-image=uefivm-node-agent",
                "--bind=127.0.0.1",
                "--health-port=" + port));
        words.addAll(List.of(options));
        var command = new ProcessBuilder(words);
        command.environment().put("KUBECONFIG", kubeconfig.toString());
        command.environment().put("UEFIVM_LOG", "plain");
        return Program.start("operator", command, logs.resolve("operator.log"), port);
    }

    /**
     * A node agent.
     *
     * @param nodeName the Node that it serves
     * @param inHost makes a command run on that host
     */
    public Program agent(Path kubeconfig, String nodeName, Function<List<String>, ProcessBuilder> inHost) {
        int port = freePort();
        var command = new ArrayList<>(List.of(
                "env",
                "KUBECONFIG=" + kubeconfig,
                "UEFIVM_LOG=plain",
                start("node-agent"),
                "--node-name=" + nodeName,
                "--namespace=" + NAMESPACE,
                "--bind=127.0.0.1",
                "--health-port=" + port));
        return Program.start(
                "agent " + nodeName, inHost.apply(command), logs.resolve("agent-" + nodeName + ".log"), port);
    }

    private String start(String module) {
        Path start = root.resolve(module).resolve("target/layout/start");
        if (!Files.isExecutable(start)) {
            throw new IllegalStateException(start + " is not there; build it with: mvn -DskipTests package");
        }
        return start.toString();
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
