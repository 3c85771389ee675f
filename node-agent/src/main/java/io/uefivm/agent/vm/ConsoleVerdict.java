package io.uefivm.agent.vm;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the firmware itself wrote on the serial console about a boot loader that it refused. OVMF's boot manager says
 * {@code BdsDxe: failed to load Boot0001 "..." from ...: Access Denied} (MdeModulePkg/Universal/BdsDxe) or draws
 * {@code Security Violation} where the image verification (SecurityPkg/Library/DxeImageVerificationLib) forbids it.
 */
final class ConsoleVerdict {
    private static final Pattern REFUSED =
            Pattern.compile("failed to load (Boot[0-9A-F]{4} \"[^\"\\r\\n]{0,120}\")[^\\r\\n]{0,300}?: Access Denied");
    private static final Pattern VIOLATION = Pattern.compile("Security Violation");
    private static final Pattern STARTED = Pattern.compile("BdsDxe: starting Boot[0-9A-F]{4}");

    private ConsoleVerdict() {}

    /** The message for people if the last thing the firmware said of booting is that it refused a loader. */
    static Optional<String> refusal(String console) {
        Matcher refused = REFUSED.matcher(console);
        String what = null;
        int at = -1;
        while (refused.find()) {
            what = refused.group(1);
            at = refused.start();
        }
        Matcher violation = VIOLATION.matcher(console);
        while (violation.find()) {
            at = Math.max(at, violation.start());
        }
        if (at < 0 || startedAfter(console, at)) {
            return Optional.empty();
        }
        return Optional.of("Secure Boot refused the boot loader" + (what == null ? "" : " of " + what)
                + ": no certificate in the VM's db vouches for its signature. Install a signed loader, or make a VM with"
                + " firmware.secureBoot Disabled or SetupMode");
    }

    private static boolean startedAfter(String console, int at) {
        Matcher started = STARTED.matcher(console);
        int last = -1;
        while (started.find()) {
            last = started.start();
        }
        return last > at;
    }
}
