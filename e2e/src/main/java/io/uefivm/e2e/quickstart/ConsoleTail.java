package io.uefivm.e2e.quickstart;

import io.uefivm.e2e.lab.GuestConsole;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;

/** Follows the console log of one domain. */
final class ConsoleTail {
    private final Path log;
    private final ConsoleText text = new ConsoleText();
    private int seen;

    ConsoleTail(Path log) {
        this.log = log;
    }

    /** The lines that arrived since the last call. */
    List<String> news() {
        String all = GuestConsole.read(log);
        if (all.length() < seen) {
            // A new start has a new log.
            seen = 0;
        }
        String arrived = all.substring(seen);
        seen = all.length();
        return text.lines(arrived);
    }

    /** What the guest's kernel says about Secure Boot, {@code enabled} or {@code disabled}; empty until the guest is up. */
    Optional<String> secureBoot() {
        Matcher ready = GuestConsole.READY.matcher(GuestConsole.read(log));
        return ready.find() ? Optional.of(ready.group(1)) : Optional.empty();
    }
}
