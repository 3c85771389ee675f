package io.uefivm.agent.domain;

import java.util.Optional;

/**
 * The part of its host that a domain is held to.
 *
 * @param partition resource partition, as libvirt names it; without one libvirt takes its own
 * @param pinning processors that are its alone
 */
public record HostShare(Optional<String> partition, Optional<Pinning> pinning) {
    /** Whatever libvirt gives. */
    public static final HostShare ANY = new HostShare(Optional.empty(), Optional.empty());

    public HostShare {
        partition.ifPresent(name -> Paths.requireAbsolute("partition", name));
    }

    /** The same, in that partition. */
    public HostShare in(String name) {
        return new HostShare(Optional.of(name), pinning);
    }
}
