package io.uefivm.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The conditions that one writer applies. A condition whose status did not change keeps its transition time, so that
 * applying the same again changes nothing.
 */
public final class Conditions {
    private static final Map<String, Integer> PLACES = Stream.of(ConditionType.values())
            .collect(Collectors.toUnmodifiableMap(ConditionType::name, ConditionType::ordinal));

    private final List<Condition> previous;
    private final @Nullable Long generation;
    private final Instant now;
    private final List<Condition> result = new ArrayList<>();

    private Conditions(List<Condition> previous, @Nullable Long generation, Instant now) {
        this.previous = previous;
        this.generation = generation;
        this.now = now;
    }

    /**
     * Starts a list.
     *
     * @param previous all conditions that the object has
     * @param generation the generation of the object that the conditions speak of
     * @param now the transition time of what changes
     */
    public static Conditions after(List<Condition> previous, @Nullable Long generation, Instant now) {
        return new Conditions(previous, generation, now);
    }

    /** Adds a condition that is true or false. */
    public Conditions with(ConditionType type, boolean status, Reason reason, String message) {
        return with(type, status ? "True" : "False", reason, message);
    }

    /** Adds a condition of which nothing is known. */
    public Conditions unknown(ConditionType type, Reason reason, String message) {
        return with(type, "Unknown", reason, message);
    }

    private Conditions with(ConditionType type, String status, Reason reason, String message) {
        String since = previous.stream()
                .filter(c -> type.name().equals(c.getType()) && status.equals(c.getStatus()))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        result.add(new ConditionBuilder()
                .withType(type.name())
                .withStatus(status)
                .withReason(reason.name())
                .withMessage(message)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build());
        return this;
    }

    /**
     * Conditions in the order of {@link ConditionType}. In a list-map the order means nothing and the API server need not
     * keep it; whoever compares lists must not take another order for another state, and write it again.
     */
    public static List<Condition> inOrder(@Nullable List<Condition> conditions) {
        return conditions == null
                ? List.of()
                : conditions.stream()
                        .sorted(Comparator.comparingInt(Conditions::place).thenComparing(Condition::getType))
                        .toList();
    }

    private static int place(Condition condition) {
        return PLACES.getOrDefault(condition.getType(), Integer.MAX_VALUE);
    }

    public List<Condition> build() {
        return List.copyOf(result);
    }
}
