package io.uefivm.agent.domain;

/**
 * Memory of a PCI function that a base address register maps.
 *
 * @param index number of the register, 0 to 5
 * @param bytes size, a power of two
 * @param wide whether its address has 64 bits
 */
public record Bar(int index, long bytes, boolean wide, boolean prefetchable) {}
