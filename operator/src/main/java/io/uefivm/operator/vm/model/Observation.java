package io.uefivm.operator.vm.model;

import java.util.List;
import java.util.Map;

/**
 * All that the next step for a VM depends on.
 *
 * @param pods every pod that carries the VM's UID
 * @param claims those of the VM's claims that exist, by name
 * @param hosts every UefiHost
 */
public record Observation(Machine vm, List<PodView> pods, Map<String, ClaimView> claims, List<HostView> hosts) {
    public Observation {
        pods = List.copyOf(pods);
        claims = Map.copyOf(claims);
        hosts = List.copyOf(hosts);
    }

    /** The host of that name, whether or not it has a UefiHost. */
    public HostView host(String name) {
        return hosts.stream()
                .filter(host -> host.name().equals(name))
                .findFirst()
                .orElseGet(() -> HostView.unknown(name));
    }
}
