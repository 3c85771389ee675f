package io.uefivm.agent.nvram;

/**
 * A generation in the claim.
 *
 * @param bytes that it takes there
 */
public record Kept(Generation generation, long bytes) {}
