package io.uefivm.agent.host;

import io.uefivm.agent.domain.PciAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** PCI slots of this host as sysfs shows them. */
public final class PciSlots {
    /** Class codes 0x06....: a bridge in a group is no device that could be passed through, and none that hinders. */
    private static final String BRIDGE = "0x06";

    private final Path devices;

    /**
     * Slots of a host.
     *
     * @param sysfs where sysfs is mounted, {@code /sys}
     */
    public PciSlots(Path sysfs) {
        this.devices = sysfs.resolve("bus/pci/devices");
    }

    /** The functions of a slot, ascending; empty when it has none. */
    public List<PciAddress> functions(String slot) {
        return all().filter(address -> address.toString().startsWith(slot + "."))
                .sorted()
                .toList();
    }

    /**
     * Devices outside of the slot that share its IOMMU groups: they could be reached through it, so the kernel hands
     * over all of a group or nothing.
     *
     * @return empty when the slot can be passed through
     * @throws UncheckedIOException when there is no IOMMU
     */
    public List<PciAddress> companions(List<PciAddress> functions) {
        return functions.stream()
                .flatMap(this::group)
                .distinct()
                .filter(member -> !functions.contains(member) && !isBridge(member))
                .sorted()
                .toList();
    }

    private Stream<PciAddress> group(PciAddress function) {
        Path group = devices.resolve(function.toString()).resolve("iommu_group/devices");
        try (Stream<Path> members = Files.list(group)) {
            return members.map(member -> PciAddress.parse(member.getFileName().toString())).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    function + " has no IOMMU group; switch the IOMMU on in the host's firmware and kernel"
                            + " (intel_iommu=on)",
                    e);
        }
    }

    private boolean isBridge(PciAddress address) {
        try {
            return Files.readString(devices.resolve(address.toString()).resolve("class"))
                    .startsWith(BRIDGE);
        } catch (IOException e) {
            return false;
        }
    }

    private Stream<PciAddress> all() {
        if (!Files.isDirectory(devices)) {
            return Stream.empty();
        }
        try (Stream<Path> entries = Files.list(devices)) {
            return entries.map(entry -> PciAddress.parse(entry.getFileName().toString())).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
