package io.uefivm.agent.varstore;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the live variables of two stores differ. Where records stand, and what is deleted, does not count.
 *
 * @param added only in the second
 * @param removed only in the first
 * @param changed in both, but not equal
 */
public record StoreDiff(List<Variable> added, List<Variable> removed, List<Change> changed) {
    /** One variable in the first and in the second store. */
    public record Change(Variable before, Variable after) {
        /** Whether contents differ, and not only attributes, time or counters. */
        public boolean ofData() {
            return !before.data().equals(after.data());
        }
    }

    /** Compares two stores of whatever layout. */
    public static StoreDiff of(VarStore before, VarStore after) {
        List<Variable> removed = new ArrayList<>();
        List<Change> changed = new ArrayList<>();
        for (Variable variable : before.variables()) {
            Optional<Variable> now = after.find(variable.key());
            if (now.isEmpty()) {
                removed.add(variable);
            } else if (!now.get().equals(variable)) {
                changed.add(new Change(variable, now.get()));
            }
        }
        List<Variable> added = after.variables().stream()
                .filter(variable -> before.find(variable.key()).isEmpty())
                .toList();
        return new StoreDiff(added, List.copyOf(removed), List.copyOf(changed));
    }

    /** Whether the firmware would find the same in both. */
    public boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty() && changed.isEmpty();
    }
}
