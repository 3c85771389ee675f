package io.uefivm.e2e.bench;

import io.uefivm.e2e.product.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Memory of a running Java process of the product.
 *
 * @param rssMib resident set, MiB
 * @param peakRssMib the largest that the resident set ever was, MiB
 * @param liveHeapMib heap in use after a full collection, MiB
 */
record ProcessMemory(double rssMib, double peakRssMib, double liveHeapMib) {
    private static final double MIB = 1024 * 1024;

    /** Measures the Java process behind a program's wrappers; ends with a full collection, for the live heap. */
    static ProcessMemory of(Program program) throws IOException, InterruptedException {
        return of(java(program.pid()));
    }

    static ProcessMemory of(long pid) throws IOException, InterruptedException {
        double rss = statusMib(pid, "VmRSS");
        double peak = statusMib(pid, "VmHWM");
        return new ProcessMemory(rss, peak, liveHeapMib(pid));
    }

    /** The histogram is of objects that a full collection, which it begins with, has left; its last line is the sum. */
    private static double liveHeapMib(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder("jcmd", Long.toString(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        List<String> lines = jcmd.inputReader(StandardCharsets.UTF_8).lines().toList();
        if (jcmd.waitFor() != 0) {
            throw new IOException("jcmd " + pid + " failed: " + lines + "; it comes with default-jdk-headless");
        }
        String total = lines.stream()
                .filter(line -> line.startsWith("Total"))
                .findFirst()
                .orElseThrow(() -> new IOException("jcmd " + pid + " shows no histogram"));
        return Double.parseDouble(total.strip().split("\\s+")[2]) / MIB;
    }

    /** The last descendant of a wrapper, or the process itself. */
    static long java(long wrapper) {
        return family(wrapper)
                .filter(pid -> comm(pid).equals("java"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no java process below " + wrapper));
    }

    static Stream<Long> family(long pid) {
        ProcessHandle parent = ProcessHandle.of(pid).orElseThrow();
        return Stream.concat(Stream.of(parent), parent.descendants()).map(ProcessHandle::pid);
    }

    private static String comm(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "comm"))
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** A line of /proc/pid/status that is in kB. */
    static double statusMib(long pid, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }
}
