package io.uefivm.agent.varstore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A store moved to another layout, for a machine whose firmware changes between 2M and 4M builds: these refuse, or silently
 * do not use, a store of the other layout.
 *
 * @param store of the new layout, compacted; every variable kept has each byte of its record
 * @param leftOut what the new layout has no room for, or is longer than its firmware allows; never anything from 2M to 4M
 */
public record Conversion(VarStore store, List<Variable> leftOut) {
    /** Moves all that fits, in the order of the store. */
    public static Conversion of(VarStore store, StoreSize to) {
        Map<VariableKey, StoredRecord> keep = new LinkedHashMap<>();
        List<Variable> leftOut = new ArrayList<>();
        int used = 0;
        for (Variable variable : store.variables()) {
            StoredRecord record = store.liveRecords().get(variable.key());
            int limit = to.maxVariable(Attributes.authenticated(variable.attributes()));
            if (record != null && record.raw().length() <= limit && used + record.footprint() <= to.capacity()) {
                keep.put(variable.key(), record);
                used += record.footprint();
            } else {
                leftOut.add(variable);
            }
        }
        return new Conversion(store.inLayout(to, keep), List.copyOf(leftOut));
    }
}
