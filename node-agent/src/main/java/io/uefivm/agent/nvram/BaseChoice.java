package io.uefivm.agent.nvram;

import java.util.ArrayList;
import java.util.List;

/**
 * What a start of an epoch has to do with what it finds. Every epoch that may have run is committed or rejected first;
 * after that the base is the newest good generation, by epoch and then number.
 *
 * @param standing of the epoch among what is there
 * @param newest highest epoch that left a trace
 * @param crashed epochs below whose domain nobody saw end, oldest first: to be committed or rejected
 * @param superfluous directories whose state is in a generation or was never more than a copy of one: to be removed
 */
record BaseChoice(Standing standing, long newest, List<Long> crashed, List<Long> superfluous) {

    enum Standing {
        /** A later epoch was here: this one must not run. */
        STALE,
        /** A domain of this epoch may have run: it must not be started again. */
        MAY_HAVE_RUN,
        /** This epoch's state is committed or rejected. */
        ENDED,
        /** It can be prepared. */
        FREE
    }

    static BaseChoice of(Inventory found, long epoch) {
        List<Long> crashed = new ArrayList<>();
        List<Long> superfluous = new ArrayList<>();
        found.epochs().entrySet().stream().filter(e -> e.getKey() <= epoch).forEach(e -> {
            boolean unsettled = Inventory.mayHaveRun(e) && !found.hasGenerationOf(e.getKey());
            (unsettled ? crashed : superfluous).add(e.getKey());
        });
        return new BaseChoice(standing(found, epoch), found.highestEpoch(), crashed, superfluous);
    }

    private static Standing standing(Inventory found, long epoch) {
        if (found.highestEpoch() > epoch) {
            return Standing.STALE;
        }
        if (found.hasGenerationOf(epoch) || found.hasRejected(epoch)) {
            return Standing.ENDED;
        }
        return found.epochs().entrySet().stream()
                .filter(e -> e.getKey() == epoch)
                .findFirst()
                .map(e -> {
                    boolean ended = e.getValue()
                            .map(r -> r.state() == EpochRecord.State.Ended)
                            .orElse(false);
                    return ended ? Standing.ENDED : Inventory.mayHaveRun(e) ? Standing.MAY_HAVE_RUN : Standing.FREE;
                })
                .orElse(Standing.FREE);
    }
}
