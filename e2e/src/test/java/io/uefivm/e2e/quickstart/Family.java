package io.uefivm.e2e.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All processes that descend from one command, whoever has adopted them since: those with a variable in their environment,
 * and those in a pid namespace of one of these, since libvirt starts QEMU with an environment of its own.
 */
final class Family {
    static final String VARIABLE = "UEFIVM_TEST_FAMILY";

    private final String mark;
    /** Start time by process ID: processes are remembered, not namespaces, whose numbers the kernel gives again at once. */
    private final Map<String, String> members = new HashMap<>();

    Family(String name) {
        mark = VARIABLE + "=" + name;
    }

    /** The names of the programs that run of all that were seen so far, as far as the kernel tells them. */
    Set<String> programs() {
        String own = namespace("self");
        Set<String> marked = pids().filter(this::isMarked).collect(Collectors.toSet());
        Set<String> namespaces = marked.stream()
                .map(Family::namespace)
                .filter(ns -> !ns.isEmpty() && !ns.equals(own))
                .collect(Collectors.toSet());
        pids().filter(pid -> marked.contains(pid) || namespaces.contains(namespace(pid)))
                .forEach(pid -> members.put(pid, startTime(pid)));
        return members.entrySet().stream()
                .filter(member ->
                        !member.getValue().isEmpty() && member.getValue().equals(startTime(member.getKey())))
                .map(member -> read(member.getKey(), "comm").strip())
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** In ticks since the machine's boot; empty for a process that is gone or waits for nothing but its parent. */
    private static String startTime(String pid) {
        String stat = read(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        return fields.length < 20 || fields[0].equals("Z") ? "" : fields[19];
    }

    private boolean isMarked(String pid) {
        return Stream.of(read(pid, "environ").split("\0")).anyMatch(variable -> variable.equals(mark));
    }

    private static Stream<String> pids() {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all
                    .map(path -> path.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String namespace(String pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", pid, "ns/pid")).toString();
        } catch (IOException gone) {
            return "";
        }
    }

    private static String read(String pid, String file) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc", pid, file)), StandardCharsets.UTF_8);
        } catch (IOException gone) {
            return "";
        }
    }
}
