package io.uefivm.agent.nvram;

import io.uefivm.api.v1alpha1.CorruptionPolicy;
import java.util.Optional;

/**
 * What the spec says of how an epoch begins.
 *
 * @param historyLimit generations to keep besides the newest, at least 1: a VM that only ever crashes must not fill its
 *     claim
 * @param onCorruption whether a start may begin from older state than the newest
 * @param request something to be done first, once
 */
public record Terms(int historyLimit, CorruptionPolicy onCorruption, Optional<Request> request) {}
