package io.uefivm.agent.vm;

import io.uefivm.agent.nvram.Generation;
import io.uefivm.agent.nvram.Kept;
import io.uefivm.api.v1alpha1.GenerationStatus;
import java.util.List;

/** The generations of a VM in the words of the API. */
final class StoreHistory {
    private StoreHistory() {}

    static List<GenerationStatus> of(List<Kept> kept) {
        return kept.stream().map(StoreHistory::status).toList();
    }

    private static GenerationStatus status(Kept kept) {
        Generation generation = kept.generation();
        return new GenerationStatus(
                generation.number(),
                generation.sha256(),
                kept.bytes(),
                basis(generation.basis()),
                generation.epoch(),
                generation.codeDigest(),
                generation.committedAt());
    }

    private static String basis(Generation.Basis basis) {
        return switch (basis) {
            case Created -> "Initial";
            case Ended -> "Committed";
            case Crashed -> "Crashed";
            case Requested -> "Requested";
        };
    }
}
