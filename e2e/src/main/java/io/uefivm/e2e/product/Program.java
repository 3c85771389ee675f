package io.uefivm.e2e.product;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** One running process of the product, with its log and its health port on loopback. */
public final class Program implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String name;
    private final Process process;
    private final Path log;
    private final int healthPort;

    private Program(String name, Process process, Path log, int healthPort) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.healthPort = healthPort;
    }

    /**
     * Starts it; its output goes to {@code log}, appended.
     *
     * @param healthPort where it will answer {@code /readyz}
     */
    static Program start(String name, ProcessBuilder command, Path log, int healthPort) {
        try {
            Process process = command.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            // A test run that is cut off must not leave its programs behind.
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new Program(name, process, log, healthPort);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " did not start: " + command.command(), e);
        }
    }

    /**
     * Waits until it says that it is ready.
     *
     * @throws IllegalStateException with the end of its log when it ended or is not ready in two minutes
     */
    public Program awaitReady() {
        try {
            Awaitility.await(name)
                    .atMost(START)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> !process.isAlive() || ready());
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(name + " is not ready after " + START + "\n" + logEnd(), e);
        }
        if (!process.isAlive()) {
            throw new IllegalStateException(name + " ended with code " + process.exitValue() + "\n" + logEnd());
        }
        return this;
    }

    private boolean ready() {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + "/readyz"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The last lines of its log. */
    public String logEnd() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    public long pid() {
        return process.pid();
    }

    public Path log() {
        return log;
    }

    public int healthPort() {
        return healthPort;
    }

    /** SIGKILL, as when the machine's memory runs out; returns when it is dead. */
    public void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        await();
    }

    private void await() {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGTERM, then SIGKILL after 30 s. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }
}
