package io.uefivm.agent.nvram;

import io.uefivm.api.v1alpha1.NvramAction;
import org.jspecify.annotations.Nullable;

/**
 * A request that was carried out. It is written down in the very generation that it made, and in every later one, so
 * that it is neither lost nor done again, whenever the agent is interrupted.
 *
 * @param token what names it
 * @param generation number of the generation that it made
 * @param source number of the generation that was restored; null for every other action
 * @param at RFC 3339
 */
public record Asked(
        String token,
        NvramAction action,
        long generation,
        @Nullable Long source,
        String at) {}
