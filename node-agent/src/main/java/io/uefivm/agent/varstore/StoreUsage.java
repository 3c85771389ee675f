package io.uefivm.agent.varstore;

/**
 * How full a store is, in bytes, headers and padding of the records included.
 *
 * @param capacity all that records can take up
 * @param used taken up by live variables
 * @param reclaimable taken up by deleted, replaced and unfinished records, until the firmware collects garbage
 * @param free never written since the last collection
 */
public record StoreUsage(int capacity, int used, int reclaimable, int free) {}
