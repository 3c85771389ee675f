package io.uefivm.e2e.controlplane;

import io.uefivm.e2e.lab.Cache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One version of {@code kubectl} on all machines, that of Debian 13, in one namespace. */
public final class Kubectl {
    private final Path program = Cache.debian13("kubectl/usr/bin/kubectl");
    private final Path kubeconfig;
    private final String namespace;
    private final Path cache;

    /** Exit status and everything printed. */
    public record Outcome(int code, String output) {}

    /**
     * @param cache a directory for what it remembers of the API: it goes by host and port, and ports come again
     * @throws IllegalStateException when there is none
     */
    public Kubectl(Path kubeconfig, String namespace, Path cache) {
        this.kubeconfig = kubeconfig;
        this.namespace = namespace;
        this.cache = cache;
    }

    /** Runs it to its end. */
    public Outcome run(String... arguments) {
        try {
            Process process = start(arguments);
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of("--cache-dir", cache.toString(), "-n", namespace));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECACHEDIR", cache.toString());
        return builder.start();
    }
}
