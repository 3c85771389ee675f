package io.uefivm.e2e.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Turns what a guest sends to a terminal into lines for a log: without escape sequences, control characters and blank lines. */
final class ConsoleText {
    /** ECMA-48: control sequences, strings such as a window's title, then escapes of two or three characters. */
    private static final Pattern ESCAPE = Pattern.compile(
            "\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)|[ -/]+[0-~]|[0-Z^-~\\\\])");

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}&&[^\t]]");

    private final StringBuilder rest = new StringBuilder();

    /** The lines that {@code text} completes; what follows the last line feed waits for more. */
    List<String> lines(String text) {
        rest.append(text);
        var lines = new ArrayList<String>();
        int from = 0;
        for (int end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
            String line = plain(rest.substring(from, end));
            if (!line.isBlank()) {
                lines.add(line);
            }
            from = end + 1;
        }
        rest.delete(0, from);
        return lines;
    }

    private static String plain(String line) {
        return CONTROL.matcher(ESCAPE.matcher(line).replaceAll(""))
                .replaceAll("")
                .stripTrailing();
    }
}
