package io.uefivm.agent.pci;

import io.uefivm.agent.domain.Bar;
import io.uefivm.agent.domain.PciAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads PCI functions from sysfs (Linux, Documentation/ABI/testing/sysfs-bus-pci). */
public final class SysfsPci {
    /** Base address registers of a function; the lines of {@code resource} that follow are ROM and bridge windows. */
    private static final int BARS = 6;

    /** From linux/ioport.h. */
    private static final long MEMORY = 0x200;

    private static final long PREFETCHABLE = 0x2000;
    private static final long WIDE = 0x100000;

    /** Domains of more digits are of Intel's VMD, whose devices its controller keeps for itself. */
    private static final Predicate<String> ADDRESS =
            Pattern.compile("[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]").asMatchPredicate();

    private final Path devices;

    /**
     * A reader.
     *
     * @param sysfs where the host's sysfs is mounted
     */
    public SysfsPci(Path sysfs) {
        this.devices = sysfs.resolve("bus/pci/devices");
    }

    /**
     * All functions now; none on a host without PCI.
     *
     * @throws UncheckedIOException when sysfs cannot be read
     */
    public PciInventory read() {
        if (!Files.isDirectory(devices)) {
            return new PciInventory(List.of());
        }
        try (Stream<Path> entries = Files.list(devices)) {
            var functions = new ArrayList<PciFunction>();
            for (Path entry : entries.filter(e -> ADDRESS.test(e.getFileName().toString()))
                    .toList()) {
                function(entry).ifPresent(functions::add);
            }
            return new PciInventory(functions);
        } catch (IOException e) {
            throw new UncheckedIOException("PCI devices cannot be read from " + devices, e);
        }
    }

    /** Empty when it was unplugged meanwhile. */
    private static Optional<PciFunction> function(Path directory) throws IOException {
        try {
            return Optional.of(new PciFunction(
                    PciAddress.parse(directory.getFileName().toString()),
                    identifier(directory.resolve("vendor")),
                    identifier(directory.resolve("device")),
                    new PciClass(Integer.decode(line(directory.resolve("class")))),
                    linkName(directory.resolve("driver")),
                    group(directory),
                    bars(Files.readAllLines(directory.resolve("resource"))),
                    resetMethods(directory),
                    Optional.ofNullable(linkName(directory.resolve("physfn"))).map(PciAddress::parse),
                    Integer.parseInt(lineOr(directory.resolve("sriov_numvfs"), "0")),
                    "1".equals(lineOr(directory.resolve("boot_vga"), "0")),
                    fault(directory)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static @Nullable Integer group(Path directory) throws IOException {
        String group = linkName(directory.resolve("iommu_group"));
        return group == null ? null : Integer.valueOf(group);
    }

    /** The register numbers go on after one of 64 bits: the second half of its address has a line of zeros. */
    private static List<Bar> bars(List<String> lines) {
        var bars = new ArrayList<Bar>();
        for (int index = 0; index < Math.min(BARS, lines.size()); index++) {
            String[] fields = lines.get(index).strip().split(" +");
            long start = Long.decode(fields[0]);
            long end = Long.decode(fields[1]);
            long flags = Long.decode(fields[2]);
            if ((flags & MEMORY) != 0 && end > start) {
                bars.add(new Bar(index, end - start + 1, (flags & WIDE) != 0, (flags & PREFETCHABLE) != 0));
            }
        }
        return bars;
    }

    /** Kernels before 5.15 tell only whether there is any. */
    private static List<String> resetMethods(Path directory) throws IOException {
        Path methods = directory.resolve("reset_method");
        if (Files.exists(methods)) {
            return Stream.of(line(methods).split(" +"))
                    .filter(m -> !m.isEmpty())
                    .toList();
        }
        return Files.exists(directory.resolve("reset")) ? List.of("unknown") : List.of();
    }

    /**
     * The file {@code vendor} is the kernel's memory; the configuration space is the device itself. It is not woken for
     * that, and a virtual function has all ones there even in the best of health (SR-IOV 1.1, 3.4.1.1).
     */
    private static Optional<String> fault(Path directory) throws IOException {
        String power = lineOr(directory.resolve("power_state"), "");
        if ("error".equals(power)) {
            return Optional.of("does not leave its power state");
        }
        Path config = directory.resolve("config");
        if ("D3cold".equals(power) || Files.isSymbolicLink(directory.resolve("physfn")) || !Files.isReadable(config)) {
            return Optional.empty();
        }
        try (var in = Files.newInputStream(config)) {
            byte[] vendor = in.readNBytes(2);
            boolean gone = vendor.length == 2 && vendor[0] == (byte) 0xff && vendor[1] == (byte) 0xff;
            return gone ? Optional.of("does not answer on the bus") : Optional.empty();
        }
    }

    private static String identifier(Path file) throws IOException {
        return line(file).substring("0x".length());
    }

    private static String line(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    private static String lineOr(Path file, String otherwise) throws IOException {
        return Files.exists(file) ? line(file) : otherwise;
    }

    private static @Nullable String linkName(Path link) throws IOException {
        return Files.isSymbolicLink(link)
                ? Files.readSymbolicLink(link).getFileName().toString()
                : null;
    }
}
