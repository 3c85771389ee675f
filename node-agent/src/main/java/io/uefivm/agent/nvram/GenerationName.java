package io.uefivm.agent.nvram;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identity and order of a generation, which its file name carries. Ordered by epoch first: what an older epoch commits
 * late is never newer than what a later one committed.
 *
 * @param number counts the commits of a VM, from 1; never used again
 * @param epoch the epoch that wrote the state; 0 for the store that the first one started from
 * @param zipped whether its file is of the first format
 */
public record GenerationName(long number, long epoch, boolean zipped) implements Comparable<GenerationName> {
    /** At most 18 digits, so that every number that matches is a long. */
    private static final Pattern FILE = Pattern.compile("([1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})\\.(state|zip)");

    private static final String ZIPPED = "zip";

    private static final Comparator<GenerationName> ORDER =
            Comparator.comparingLong(GenerationName::epoch).thenComparingLong(GenerationName::number);

    /** Of a new file. */
    GenerationName(long number, long epoch) {
        this(number, epoch, false);
    }

    static Optional<GenerationName> parse(String file) {
        Matcher m = FILE.matcher(file);
        return m.matches()
                ? Optional.of(new GenerationName(
                        Long.parseLong(m.group(1)), Long.parseLong(m.group(2)), ZIPPED.equals(m.group(3))))
                : Optional.empty();
    }

    String file() {
        return number + "-" + epoch + (zipped ? "." + ZIPPED : ".state");
    }

    @Override
    public int compareTo(GenerationName other) {
        return ORDER.compare(this, other);
    }
}
