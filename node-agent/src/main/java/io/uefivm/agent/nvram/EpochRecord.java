package io.uefivm.agent.nvram;

import org.jspecify.annotations.Nullable;

/**
 * What is written down about an epoch, {@code epoch.json}.
 *
 * @param epoch its number
 * @param state how far it got
 * @param codeDigest digest of the firmware code that the domain runs with
 * @param varsSize bytes of its variable store
 * @param codeSize bytes of firmware code that follow it in the same file; 0 for none
 * @param base number of the generation that it was copied from
 * @param tpm whether its base held TPM state
 * @param bootNext what its first start boots once, as the spec names it; null for nothing of the kind
 * @param generation once it has ended, the number of the generation that holds its state
 */
record EpochRecord(
        long epoch,
        State state,
        String codeDigest,
        int varsSize,
        int codeSize,
        long base,
        boolean tpm,
        @Nullable String bootNext,
        @Nullable Long generation) {

    enum State {
        /** Files are there, no domain ever had them. */
        Prepared,
        /** A domain may have written them. */
        Started,
        /** Its state is in a generation. */
        Ended
    }

    EpochRecord prepared() {
        return new EpochRecord(epoch, State.Prepared, codeDigest, varsSize, codeSize, base, tpm, bootNext, null);
    }

    EpochRecord started() {
        return new EpochRecord(epoch, State.Started, codeDigest, varsSize, codeSize, base, tpm, bootNext, null);
    }

    EpochRecord ended(long inGeneration) {
        return new EpochRecord(epoch, State.Ended, codeDigest, varsSize, codeSize, base, tpm, bootNext, inGeneration);
    }
}
