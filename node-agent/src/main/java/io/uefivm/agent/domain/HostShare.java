package io.uefivm.agent.domain;

import java.util.Optional;

/**
 * The part of its host that a domain is held to.
 *
 * @param partition resource partition, as libvirt names it; without one libvirt takes its own
 */
public record HostShare(Optional<String> partition) {
    /** Whatever libvirt gives. */
    public static final HostShare ANY = new HostShare(Optional.empty());

    public HostShare {
        partition.ifPresent(name -> Paths.requireAbsolute("partition", name));
    }
}
