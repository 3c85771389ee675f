package io.uefivm.e2e.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private final byte[] mark;
    private final Set<String> namespaces = new TreeSet<>();

    Family(String name) {
        mark = (VARIABLE + "=" + name).getBytes(StandardCharsets.UTF_8);
    }

    /** The names of their programs, as far as the kernel tells them; remembers the namespaces for the next time. */
    Set<String> programs() {
        String own = namespace("self");
        Set<String> marked = pids().filter(this::isMarked).collect(Collectors.toSet());
        marked.stream()
                .map(Family::namespace)
                .filter(ns -> !ns.isEmpty() && !ns.equals(own))
                .forEach(namespaces::add);
        return pids().filter(pid -> marked.contains(pid) || namespaces.contains(namespace(pid)))
                .map(pid -> read(pid, "comm").strip())
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean isMarked(String pid) {
        return Stream.of(read(pid, "environ").split("\0"))
                .anyMatch(variable -> variable.equals(new String(mark, StandardCharsets.UTF_8)));
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
