package io.uefivm.e2e.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The serial console of a domain: reads its log, and types on its terminal. */
public final class GuestConsole implements AutoCloseable {
    /** What the guest says when it is up, see {@link GuestImage}. */
    public static final Pattern READY =
            Pattern.compile("UEFIVM-GUEST ready secureboot=(\\w+) lockdown=(\\S+) tpm=(\\d) bootcurrent=(\\w+)");

    private static final Duration ANSWER = Duration.ofMinutes(2);
    private static final AtomicInteger COUNT = new AtomicInteger();

    /**
     * Holds the terminal open, reads what it shows, because QEMU waits for whoever has it open (the log has it all anyway),
     * and copies its standard input to it. Not this process: opened by a session leader, a terminal becomes its
     * controlling terminal, and the end of the domain would send it SIGHUP.
     */
    private static final String HOLD = """
            stty -F "$1" raw -echo
            exec 3<>"$1"
            setpriv --pdeathsig KILL cat <&3 >/dev/null &
            exec cat >&3
            """;

    private static final String PROMPT = "guest# ";

    private final Path log;
    private final Process terminal;
    private final OutputStream keyboard;
    private boolean answered;

    private GuestConsole(Path log, Process terminal) {
        this.log = log;
        this.terminal = terminal;
        this.keyboard = terminal.getOutputStream();
    }

    /**
     * Opens the console of a running domain.
     *
     * @param log where libvirt logs it, as this process sees it
     */
    public static GuestConsole open(LibvirtHost host, String domain, Path log) {
        try {
            // All pseudo-terminals of the machine are in one place, whichever namespace made them.
            String name = host.virsh("ttyconsole", domain).strip();
            Process terminal = new ProcessBuilder("sh", "-ec", HOLD, "console", name)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new GuestConsole(log, terminal);
        } catch (IOException e) {
            throw new UncheckedIOException("console of " + domain, e);
        }
    }

    /** All that the domain has printed since it started. */
    public String text() {
        return read(log);
    }

    /** All of a console log; empty while there is none. */
    public static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits until the log matches.
     *
     * @throws AssertionError with the end of the log when it does not in time
     */
    public static Matcher await(Path log, Pattern pattern, int from, Duration patience) {
        try {
            return Awaitility.await(pattern.pattern())
                    .atMost(patience)
                    .pollInterval(Duration.ofMillis(200))
                    .until(
                            () -> {
                                Matcher matcher = pattern.matcher(read(log));
                                matcher.region(Math.min(from, matcher.regionEnd()), matcher.regionEnd());
                                return matcher;
                            },
                            Matcher::find);
        } catch (ConditionTimeoutException e) {
            String all = read(log);
            throw new AssertionError(
                    "the console never said " + pattern + "; its end:\n"
                            + all.substring(Math.max(0, all.length() - 3000)),
                    e);
        }
    }

    /**
     * Runs a command in the guest.
     *
     * @return what it printed
     * @throws AssertionError when it fails or does not end in two minutes
     */
    public String run(String command) {
        if (!answered) {
            awaitPrompt();
            answered = true;
        }
        int number = COUNT.incrementAndGet();
        int from = text().length();
        // Split, so that the echo of the line is not taken for its output.
        type("echo UEFIVM-''BEGIN-" + number + "; " + command + "; echo UEFIVM-''END-" + number + "-$?\n");
        Matcher end = await(
                log,
                Pattern.compile(
                        "UEFIVM-BEGIN-" + number + "\\r*\\n(.*?)UEFIVM-END-" + number + "-(\\d+)", Pattern.DOTALL),
                from,
                ANSWER);
        if (!"0".equals(end.group(2))) {
            throw new AssertionError(command + " exited with " + end.group(2) + ": " + end.group(1));
        }
        return end.group(1).replace("\r", "").strip();
    }

    /**
     * Presses Enter until the guest shows its prompt. QEMU looks only once a second whether somebody opened a terminal
     * that was closed before, and what is typed until then is lost.
     */
    private void awaitPrompt() {
        int from = text().length();
        Awaitility.await("the guest's prompt")
                .atMost(ANSWER)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    type("\n");
                    return text().indexOf(PROMPT, from) >= 0;
                });
    }

    /** Types something and does not wait for anything. */
    public void type(String text) {
        try {
            keyboard.write(text.getBytes(StandardCharsets.US_ASCII));
            keyboard.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("typing on the console", e);
        }
    }

    @Override
    public void close() {
        terminal.destroyForcibly();
    }
}
