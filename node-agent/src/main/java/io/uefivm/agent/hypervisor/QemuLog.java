package io.uefivm.agent.hypervisor;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What libvirt wrote to a domain's log about its end: the only trace of a transient domain that is gone, for an agent
 * that was away. Pure.
 */
final class QemuLog {
    private static final String TIME = "^(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d{4}): ";
    private static final Pattern START = Pattern.compile(TIME + "starting up ");
    private static final Pattern END = Pattern.compile(TIME + "shutting down, reason=(\\w+)");
    /** QEMU names who sent the signal; libvirt itself ends QEMU that way once the guest has shut down. */
    private static final Pattern SIGNAL = Pattern.compile("terminating on signal \\d+ from pid \\d+ \\((.*)\\)");

    private static final Pattern LIBVIRT = Pattern.compile("(?:.*/)?(?:libvirtd|virtqemud)");
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSxx");

    private QemuLog() {}

    /**
     * How the newest run in the log ended.
     *
     * @param lines the log or the last part of it
     * @param startedAt when the run in question started or later; an end before that was an earlier run's
     * @return UNKNOWN when the log does not tell
     */
    static DomainEnd lastEnd(Stream<String> lines, Instant startedAt) {
        var run = new Run(startedAt);
        lines.forEach(run::read);
        return run.end;
    }

    private static final class Run {
        private final Instant startedAt;
        private DomainEnd end = DomainEnd.UNKNOWN;
        private boolean killedFromOutside;

        Run(Instant startedAt) {
            this.startedAt = startedAt;
        }

        void read(String line) {
            Matcher signal = SIGNAL.matcher(line);
            Matcher ended = END.matcher(line);
            if (START.matcher(line).find()) {
                end = DomainEnd.UNKNOWN;
                killedFromOutside = false;
            } else if (signal.find()) {
                killedFromOutside |= !LIBVIRT.matcher(signal.group(1)).matches();
            } else if (ended.find() && !isBefore(ended.group(1), startedAt)) {
                end = end(ended.group(2), killedFromOutside);
            }
        }
    }

    private static boolean isBefore(String time, Instant instant) {
        try {
            return OffsetDateTime.parse(time, FORMAT).toInstant().isBefore(instant);
        } catch (DateTimeParseException e) {
            return true;
        }
    }

    /**
     * The reason is virDomainShutoffReason in words. "shutdown" or "crashed" after a signal from outside is neither the
     * guest's will nor its fault: somebody, or the host as it went down, ended QEMU.
     */
    private static DomainEnd end(String reason, boolean killedFromOutside) {
        if (killedFromOutside) {
            return DomainEnd.DESTROYED;
        }
        return switch (reason) {
            case "shutdown" -> DomainEnd.SHUTDOWN;
            case "destroyed" -> DomainEnd.DESTROYED;
            case "crashed" -> DomainEnd.CRASHED;
            case "failed" -> DomainEnd.FAILED;
            default -> DomainEnd.UNKNOWN;
        };
    }
}
