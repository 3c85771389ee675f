package io.uefivm.agent.nvram;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * State that was found and could not be used. It is kept.
 *
 * @param name its name below {@code rejected/} of the VM's directory
 * @param epoch the epoch that wrote it
 * @param number its number when it had been committed, else 0
 * @param reason what is wrong with it
 */
public record Rejected(String name, long epoch, long number, String reason) {
    static final Comparator<Rejected> OLDEST_FIRST =
            Comparator.comparingLong(Rejected::epoch).thenComparingLong(Rejected::number);

    private static final Pattern EPOCH = Pattern.compile("epoch-([1-9][0-9]{0,17})");

    static Rejected ofEpoch(long epoch, String reason) {
        return new Rejected("epoch-" + epoch, epoch, 0, reason);
    }

    static Rejected ofGeneration(GenerationName name, String reason) {
        return new Rejected(name.file(), name.epoch(), name.number(), reason);
    }

    static Optional<Rejected> parse(String name) {
        Matcher m = EPOCH.matcher(name);
        if (m.matches()) {
            return Optional.of(ofEpoch(Long.parseLong(m.group(1)), ""));
        }
        return GenerationName.parse(name).map(g -> ofGeneration(g, ""));
    }

    Rejected because(String why) {
        return new Rejected(name, epoch, number, why);
    }

    /** File beside it that holds the reason. */
    String reasonFile() {
        return name + ".txt";
    }

    /** Whether it would have been preferred to that generation. A crashed epoch is newer than what it started from. */
    boolean isNewerThan(GenerationName generation) {
        return number == 0 ? epoch > generation.epoch() : new GenerationName(number, epoch).compareTo(generation) > 0;
    }
}
