package io.uefivm.operator.vm.model;

import io.uefivm.api.v1alpha1.ExpandedDisk;
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

    /** The disks whose claims have been expanded; not CD-ROMs, which are as large as their media. */
    public List<ExpandedDisk> expandedDisks() {
        return vm.spec().disks().stream()
                .filter(disk -> !disk.presentedAsCdrom())
                .flatMap(disk -> disk
                        .claimName()
                        .map(claims::get)
                        .flatMap(ClaimView::expandedTo)
                        .map(capacity -> new ExpandedDisk(disk.name(), capacity))
                        .stream())
                .toList();
    }

    /** The host of that name, whether or not it has a UefiHost. */
    public HostView host(String name) {
        return hosts.stream()
                .filter(host -> host.name().equals(name))
                .findFirst()
                .orElseGet(() -> HostView.unknown(name));
    }
}
