package io.uefivm.agent.hypervisor;

/**
 * How large a disk of a running domain is.
 *
 * @param bytes as the guest sees it
 * @param storageBytes what it is kept in: the block device, or the image file
 */
public record DiskSize(long bytes, long storageBytes) {}
