package io.uefivm.agent.pci;

import io.uefivm.agent.domain.PciAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the host itself cannot do without.
 *
 * @param uses by function, for example {@code holds /dev/nvme0n1p2, mounted at /}
 */
public record HostUse(Map<PciAddress, List<String>> uses) {
    public HostUse {
        uses = Map.copyOf(uses);
    }

    /** What the host does with a function; empty when nothing. */
    public Optional<String> of(PciAddress function) {
        List<String> found = uses.getOrDefault(function, List.of());
        return found.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", found));
    }
}
