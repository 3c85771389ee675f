package io.uefivm.agent.nvram;

import java.util.Optional;

/**
 * State that can be started from.
 *
 * @param content with the repaired variable store, if it needed any
 * @param repair what was done to it
 */
record Checked(Content content, Optional<String> repair) {

    static Checked of(Content content, StoreCheck check) throws CorruptException {
        Optional<String> tpmDefect = content.tpmDefect();
        if (tpmDefect.isPresent()) {
            throw new CorruptException(tpmDefect.get());
        }
        StoreCheck.Verdict verdict = check.check(content.vars());
        if (verdict instanceof StoreCheck.Good good) {
            return new Checked(content.withVars(good.vars()), good.repair());
        }
        throw new CorruptException(((StoreCheck.Bad) verdict).reason());
    }
}
