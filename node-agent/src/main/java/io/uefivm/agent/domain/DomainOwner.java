package io.uefivm.agent.domain;

/**
 * Whose domain it is, carried in the domain's metadata, so that everything is found again after a restart without a
 * database.
 *
 * @param namespace namespace of the VM
 * @param name name of the VM
 * @param vmUid UID of the VM
 * @param epoch the start that this domain is, at least 1
 * @param podUid UID of the VM pod that the domain belongs to
 */
public record DomainOwner(String namespace, String name, String vmUid, long epoch, String podUid) {}
