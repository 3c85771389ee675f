package io.uefivm.agent.nvram;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a start changes in the variable store that its epoch begins with. The generation that the store comes from stays
 * as it is.
 */
@FunctionalInterface
public interface StoreEdit {
    /** Changes nothing. */
    StoreEdit NONE = vars -> new Edited(vars, List.of(), null);

    /**
     * Changes a store. Pure: a start that was interrupted does it again, on the same generation, and has to come to the
     * same bytes.
     *
     * @param vars the store of the generation, of the size that it keeps
     * @throws NvramException when the change cannot be made; nothing is prepared then
     */
    Edited apply(byte[] vars) throws NvramException;

    /**
     * A store that was changed.
     *
     * @param vars its bytes; those that were given when nothing had to be changed
     * @param changes one sentence for each change, without any value
     * @param bootNext what this start boots once, as the spec names it; null when it boots as ever
     */
    record Edited(
            byte[] vars, List<String> changes, @Nullable String bootNext) {
        /** Copies the sentences. */
        public Edited {
            changes = List.copyOf(changes);
        }
    }
}
