package io.uefivm.agent.pci;

import io.uefivm.agent.domain.PciAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds out what the host itself needs: storage with mounted file systems or swap on it, whatever lies between (LVM, RAID,
 * encryption), and network cards that the default route leads through, also below bonds, bridges and VLANs.
 */
public final class HostUseReader {
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]");
    private static final Pattern NVME_CONTROLLER = Pattern.compile("nvme[0-9]+");
    /** Fields of {@code mountinfo} (proc_pid_mountinfo(5)). */
    private static final int DEVICE_NUMBER = 2;

    private static final int MOUNT_POINT = 4;
    private static final String EVERYWHERE_V4 = "00000000";
    private static final String EVERYWHERE_V6 = "0".repeat(32);

    private final Path sysfs;
    private final Path proc;

    /**
     * A reader.
     *
     * @param sysfs where the host's sysfs is mounted
     * @param proc where the host's procfs is mounted; process 1 in it has the host's mounts and network
     */
    public HostUseReader(Path sysfs, Path proc) {
        this.sysfs = sysfs;
        this.proc = proc;
    }

    /**
     * What the host uses now.
     *
     * @throws UncheckedIOException when sysfs or procfs cannot be read
     */
    public HostUse read() {
        try {
            var uses = new HashMap<PciAddress, List<String>>();
            storage(uses);
            network(uses);
            return new HostUse(uses);
        } catch (IOException e) {
            throw new UncheckedIOException("what the host uses cannot be read from " + sysfs + " and " + proc, e);
        }
    }

    private void storage(Map<PciAddress, List<String>> uses) throws IOException {
        Map<String, String> mounted = mounts();
        Set<String> swaps = swaps();
        for (Path disk : entries(sysfs.resolve("class/block"))) {
            Optional<String> use = use(disk.getFileName().toString(), mounted, swaps);
            if (use.isPresent()) {
                for (PciAddress controller : controllers(disk)) {
                    uses.computeIfAbsent(controller, any -> new ArrayList<>())
                            .add("holds /dev/" + disk.getFileName() + ", " + use.get());
                }
            }
        }
    }

    /** By device number, and by source for file systems that have a number of their own, as btrfs. */
    private Map<String, String> mounts() throws IOException {
        var mounts = new HashMap<String, String>();
        for (String line : Files.readAllLines(proc.resolve("1/mountinfo"))) {
            String[] fields = line.split(" ");
            mounts.putIfAbsent(fields[DEVICE_NUMBER], fields[MOUNT_POINT]);
            int separator = List.of(fields).indexOf("-");
            mounts.putIfAbsent(fields[separator + 2], fields[MOUNT_POINT]);
        }
        return mounts;
    }

    private Set<String> swaps() throws IOException {
        var swaps = new LinkedHashSet<String>();
        for (String line : lines(proc.resolve("swaps"))) {
            swaps.add(line.split("\\s+")[0]);
        }
        return swaps;
    }

    /** What a block device is used for, or what lies on top of it. */
    private Optional<String> use(String disk, Map<String, String> mounted, Set<String> swaps) throws IOException {
        Path directory = sysfs.resolve("class/block").resolve(disk);
        String number = Files.readString(directory.resolve("dev")).strip();
        String mountPoint = mounted.getOrDefault(number, mounted.get("/dev/" + disk));
        if (mountPoint != null) {
            return Optional.of("mounted at " + mountPoint);
        }
        if (swaps.contains("/dev/" + disk)) {
            return Optional.of("swap");
        }
        for (Path holder : entries(directory.resolve("holders"))) {
            Optional<String> above = use(holder.getFileName().toString(), mounted, swaps);
            if (above.isPresent()) {
                return Optional.of("below /dev/" + holder.getFileName() + ", " + above.get());
            }
        }
        return Optional.empty();
    }

    /** An NVMe disk that could have several controllers lies below none of them but below their subsystem. */
    private List<PciAddress> controllers(Path disk) throws IOException {
        Path real = disk.toRealPath();
        Optional<PciAddress> behind = nearest(real);
        if (behind.isPresent()) {
            return List.of(behind.get());
        }
        var controllers = new ArrayList<PciAddress>();
        for (Path above = real.getParent(); above != null; above = above.getParent()) {
            if (above.getFileName() != null && above.getFileName().toString().startsWith("nvme-subsys")) {
                for (Path controller : entries(above)) {
                    if (NVME_CONTROLLER
                            .matcher(controller.getFileName().toString())
                            .matches()) {
                        nearest(controller.toRealPath()).ifPresent(controllers::add);
                    }
                }
                break;
            }
        }
        return controllers;
    }

    private void network(Map<PciAddress, List<String>> uses) throws IOException {
        Set<String> routes = defaultRoutes();
        Path interfaces = sysfs.resolve("class/net");
        for (Path card : entries(interfaces)) {
            Optional<PciAddress> function = nearest(card.toRealPath());
            Optional<String> route = route(interfaces, card.getFileName().toString(), routes);
            if (function.isPresent() && route.isPresent()) {
                uses.computeIfAbsent(function.get(), any -> new ArrayList<>())
                        .add("is " + card.getFileName() + ", the way to the default route" + route.get());
            }
        }
    }

    private static Optional<String> route(Path interfaces, String name, Set<String> routes) throws IOException {
        if (routes.contains(name)) {
            return Optional.of("");
        }
        for (Path entry : entries(interfaces.resolve(name))) {
            String file = entry.getFileName().toString();
            if (file.startsWith("upper_")) {
                String upper = file.substring("upper_".length());
                Optional<String> above = route(interfaces, upper, routes);
                if (above.isPresent()) {
                    return Optional.of(" through " + upper + above.get());
                }
            }
        }
        return Optional.empty();
    }

    private Set<String> defaultRoutes() throws IOException {
        var interfaces = new LinkedHashSet<String>();
        for (String line : lines(proc.resolve("1/net/route"))) {
            String[] fields = line.split("\\s+");
            if (fields.length > 1 && fields[1].equals(EVERYWHERE_V4)) {
                interfaces.add(fields[0]);
            }
        }
        for (String line : lines(proc.resolve("1/net/ipv6_route"))) {
            String[] fields = line.strip().split("\\s+");
            String name = fields[fields.length - 1];
            if (fields[0].equals(EVERYWHERE_V6) && fields[1].equals("00") && !name.equals("lo")) {
                interfaces.add(name);
            }
        }
        return interfaces;
    }

    /** The PCI function that a device hangs on: the last one on the way to it. */
    private static Optional<PciAddress> nearest(Path real) {
        Optional<PciAddress> last = Optional.empty();
        for (Path part : real) {
            Matcher matcher = ADDRESS.matcher(part.toString());
            if (matcher.matches()) {
                last = Optional.of(PciAddress.parse(part.toString()));
            }
        }
        return last;
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static List<Path> entries(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }
}
