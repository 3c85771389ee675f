package io.uefivm.agent.nvram;

/**
 * The firmware that a start uses.
 *
 * @param vars its empty or enrolled variable store: what the very first start of a VM gets, and the size that every
 *     store of this firmware has
 * @param codeDigest digest of its code, recorded with the state
 */
public record Initial(byte[] vars, String codeDigest) {}
