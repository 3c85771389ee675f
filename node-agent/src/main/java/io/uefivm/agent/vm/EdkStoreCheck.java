package io.uefivm.agent.vm;

import io.uefivm.agent.nvram.StoreCheck;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import java.util.Objects;
import java.util.Optional;

/**
 * A store can be started from if the firmware would accept it. A write that was under way when QEMU died is left to the
 * firmware: at its next start it finishes or gives up the write exactly as the check has found that it can.
 */
final class EdkStoreCheck implements StoreCheck {
    @Override
    public Verdict check(byte[] vars) {
        try {
            VarStore.parseAbandoningPendingWrite(vars);
            return new Good(vars, Optional.empty());
        } catch (VarstoreException e) {
            return new Bad(Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }
}
