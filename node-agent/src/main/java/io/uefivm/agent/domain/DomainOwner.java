package io.uefivm.agent.domain;

import java.util.List;

/**
 * Whose domain it is, carried in the domain's metadata, so that everything is found again after a restart without a
 * database.
 *
 * @param namespace namespace of the VM
 * @param name name of the VM
 * @param vmUid UID of the VM
 * @param epoch the start that this domain is, at least 1
 * @param podUid UID of the VM pod that the domain belongs to
 * @param devices slots and virtual functions of the host that were passed through to it
 */
public record DomainOwner(
        String namespace, String name, String vmUid, long epoch, String podUid, List<String> devices) {
    public DomainOwner {
        devices = List.copyOf(devices);
    }

    /** The owner of a domain without devices of the host. */
    public DomainOwner(String namespace, String name, String vmUid, long epoch, String podUid) {
        this(namespace, name, vmUid, epoch, podUid, List.of());
    }

    /** Name of the VM as people write it. */
    public String vm() {
        return namespace + "/" + name;
    }
}
