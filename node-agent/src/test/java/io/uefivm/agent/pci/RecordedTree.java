package io.uefivm.agent.pci;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The sysfs and procfs of a machine, built from a description of it: one line for each PCI function, block device,
 * network interface, mount and route, laid out with links as the kernel does.
 */
public final class RecordedTree {
    private static final int VENDOR_BYTES = 2;
    private static final long MEMORY = 0x200;
    private static final long PREFETCHABLE = 0x2000;
    private static final long WIDE = 0x100000;

    private final Path sysfs;
    private final Path proc;
    private final Map<String, Path> real = new HashMap<>();
    private final StringBuilder mounts = new StringBuilder();
    private long nextAddress = 0x1_0000_0000L;

    private RecordedTree(Path root) throws IOException {
        this.sysfs = root.resolve("sys");
        this.proc = root.resolve("proc");
        for (String directory : new String[] {"bus/pci/devices", "bus/pci/drivers", "class/block", "class/net"}) {
            Files.createDirectories(sysfs.resolve(directory));
        }
        Files.createDirectories(proc.resolve("1/net"));
    }

    /** Builds the machine of a description beside this class. */
    public static RecordedTree of(String machine, Path root) throws IOException {
        var tree = new RecordedTree(root);
        try (var in = Objects.requireNonNull(RecordedTree.class.getResourceAsStream(machine + ".txt"), machine)) {
            String routes = "Iface\tDestination\tGateway\tFlags\n";
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] words = line.strip().split(" +");
                switch (words[0]) {
                    case "", "#" -> {}
                    case "pci" -> tree.pci(words);
                    case "block" -> tree.block(words);
                    case "mount" ->
                        tree.mounts.append(
                                String.format("36 35 %s / %s rw - ext4 %s rw%n", words[1], words[3], words[2]));
                    case "net" -> tree.net(words);
                    case "route" -> routes += words[1] + "\t00000000\t0101A8C0\t0003\n";
                    default -> throw new IllegalArgumentException(line);
                }
            }
            Files.writeString(tree.proc.resolve("1/mountinfo"), tree.mounts);
            Files.writeString(tree.proc.resolve("1/net/route"), routes);
            Files.writeString(tree.proc.resolve("swaps"), "Filename Type Size Used Priority\n");
        }
        return tree;
    }

    public Path sysfs() {
        return sysfs;
    }

    public Path proc() {
        return proc;
    }

    /** The directory of a function, to change what it says. */
    public Path function(String address) {
        return Objects.requireNonNull(real.get(address), address);
    }

    public PciInventory inventory() {
        return new SysfsPci(sysfs).read();
    }

    public PassthroughRules rules() {
        return new PassthroughRules(inventory(), new HostUseReader(sysfs, proc).read(), Map.of());
    }

    /** Binds a function to another driver; null takes it from any. */
    public void bind(String address, String driver) throws IOException {
        Path link = function(address).resolve("driver");
        Files.deleteIfExists(link);
        if (driver != null) {
            Path target =
                    Files.createDirectories(sysfs.resolve("bus/pci/drivers").resolve(driver));
            Files.createSymbolicLink(link, link.getParent().relativize(target));
        }
    }

    /** The function has fallen off the bus: its configuration space is all ones. */
    public void fallOff(String address) throws IOException {
        Files.write(function(address).resolve("config"), new byte[] {-1, -1, -1, -1});
    }

    private static Map<String, String> options(String[] words, int from) {
        return Arrays.stream(words, from, words.length)
                .map(word -> word.split("=", 2))
                .collect(Collectors.toMap(w -> w[0], w -> w[1], (a, b) -> b, LinkedHashMap::new));
    }

    private void pci(String[] words) throws IOException {
        String address = words[1];
        Map<String, String> options = options(words, 4);
        Path bus = options.containsKey("under")
                ? function(options.get("under"))
                : sysfs.resolve("devices/pci" + address.substring(0, "0000:00".length()));
        Path device = Files.createDirectories(bus.resolve(address));
        real.put(address, device);
        link(sysfs.resolve("bus/pci/devices").resolve(address), device);
        String[] ids = words[2].split(":");
        Files.writeString(device.resolve("vendor"), "0x" + ids[0] + "\n");
        Files.writeString(device.resolve("device"), "0x" + ids[1] + "\n");
        Files.writeString(device.resolve("class"), "0x" + words[3] + "\n");
        int vendor = Integer.parseInt(ids[0], 16);
        boolean virtual = options.containsKey("physfn");
        byte[] config = new byte[VENDOR_BYTES];
        config[0] = (byte) (virtual ? 0xff : vendor);
        config[1] = (byte) (virtual ? 0xff : vendor >> 8);
        Files.write(device.resolve("config"), config);
        Files.writeString(device.resolve("power_state"), options.getOrDefault("power", "D0") + "\n");
        Files.writeString(device.resolve("resource"), resource(options));
        if (options.containsKey("driver")) {
            bind(address, options.get("driver"));
        }
        if (options.containsKey("group")) {
            Path group = sysfs.resolve("kernel/iommu_groups").resolve(options.get("group"));
            link(device.resolve("iommu_group"), Files.createDirectories(group));
            link(Files.createDirectories(group.resolve("devices")).resolve(address), device);
        }
        if (options.containsKey("reset")) {
            Files.writeString(
                    device.resolve("reset_method"), options.get("reset").replace(',', ' ') + "\n");
        }
        if (virtual) {
            link(device.resolve("physfn"), function(options.get("physfn")));
        }
        for (String file : new String[] {"boot_vga", "sriov_numvfs"}) {
            if (options.containsKey(file)) {
                Files.writeString(device.resolve(file), options.get(file) + "\n");
            }
        }
    }

    /** Six registers, the ROM, and six windows of SR-IOV, as the kernel writes them; sizes as 16M or 32G/64p. */
    private String resource(Map<String, String> options) {
        var lines = new StringBuilder();
        for (int index = 0; index < 13; index++) {
            String bar = options.get("bar" + index);
            if (bar == null) {
                lines.append("0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
                continue;
            }
            String[] parts = bar.split("/");
            String unit = parts[0].substring(parts[0].length() - 1);
            long bytes = Long.parseLong(parts[0].substring(0, parts[0].length() - 1))
                    << Map.of("K", 10, "M", 20, "G", 30).get(unit);
            String kind = parts.length > 1 ? parts[1] : "";
            long flags = kind.equals("io")
                    ? 0x40101
                    : 0x40000 | MEMORY | (kind.startsWith("64") ? WIDE : 0) | (kind.endsWith("p") ? PREFETCHABLE : 0);
            lines.append(String.format("0x%016x 0x%016x 0x%016x%n", nextAddress, nextAddress + bytes - 1, flags));
            nextAddress += bytes;
        }
        return lines.toString();
    }

    private Path below(String path) {
        int slash = path.indexOf('/');
        return slash < 0 ? function(path) : function(path.substring(0, slash)).resolve(path.substring(slash + 1));
    }

    private void block(String[] words) throws IOException {
        Map<String, String> options = options(words, 3);
        Path parent =
                options.containsKey("under") ? below(options.get("under")) : sysfs.resolve("devices/virtual/block");
        if (options.containsKey("subsystem")) {
            parent = Files.createDirectories(
                    sysfs.resolve("devices/virtual/nvme-subsystem").resolve(options.get("subsystem")));
            Path controller = Files.createDirectories(below(options.get("controller")));
            link(parent.resolve(controller.getFileName()), controller);
        }
        Path device = Files.createDirectories(parent.resolve(words[1]));
        Files.writeString(device.resolve("dev"), words[2] + "\n");
        Files.createDirectories(device.resolve("holders"));
        link(sysfs.resolve("class/block").resolve(words[1]), device);
        if (options.containsKey("on")) {
            link(
                    sysfs.resolve("class/block")
                            .resolve(options.get("on"))
                            .resolve("holders")
                            .resolve(words[1]),
                    device);
        }
    }

    private void net(String[] words) throws IOException {
        Map<String, String> options = options(words, 2);
        Path parent = options.containsKey("under")
                ? below(options.get("under")).resolve("net")
                : sysfs.resolve("devices/virtual/net");
        Path device = Files.createDirectories(parent.resolve(words[1]));
        link(sysfs.resolve("class/net").resolve(words[1]), device);
        if (options.containsKey("above")) {
            link(sysfs.resolve("class/net").resolve(options.get("above")).resolve("upper_" + words[1]), device);
        }
    }

    private static void link(Path link, Path target) throws IOException {
        Files.createSymbolicLink(link, link.getParent().toRealPath().relativize(target.toRealPath()));
    }
}
