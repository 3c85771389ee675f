package io.uefivm.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the processes of a domain by their command lines, in whatever namespace of this machine they run. */
final class Qemu {
    /** Processes from before; their command lines need not be read again and again. */
    private final Set<String> old;

    private final String domain;

    private Qemu(Set<String> old, String domain) {
        this.old = old;
        this.domain = domain;
    }

    /** To be called before the domain is started. */
    static Qemu expected(String domain) {
        return new Qemu(new HashSet<>(pids()), domain);
    }

    /** When QEMU's process was seen, by {@link System#nanoTime}; looks every 5 ms. */
    long await(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (find(old, domain).isEmpty()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("no QEMU of " + domain + " after " + patience);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return System.nanoTime();
    }

    /** The QEMU of a domain that runs. */
    static OptionalLong of(String domain) {
        return find(Set.of(), domain);
    }

    /** The swtpm that has this UUID in its command line. */
    static OptionalLong swtpm(String uuid) {
        return process(Set.of(), line -> program(line).endsWith("/swtpm") && line.contains(uuid));
    }

    private static OptionalLong find(Set<String> ignored, String domain) {
        return process(
                ignored,
                line -> program(line).contains("qemu-system") && (line + ",").contains("guest=" + domain + ","));
    }

    private static OptionalLong process(Set<String> ignored, Predicate<String> line) {
        return pids().stream()
                .filter(pid -> !ignored.contains(pid) && line.test(commandLine(pid)))
                .mapToLong(Long::parseLong)
                .findFirst();
    }

    private static Set<String> pids() {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Arguments are separated by zeros; QEMU's name swtpm too. */
    private static String program(String commandLine) {
        return commandLine.split("\0", 2)[0];
    }

    private static String commandLine(String pid) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc", pid, "cmdline")), StandardCharsets.UTF_8);
        } catch (IOException gone) {
            return "";
        }
    }
}
