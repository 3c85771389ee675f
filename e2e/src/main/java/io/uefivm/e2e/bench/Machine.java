package io.uefivm.e2e.bench;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/** What the numbers were measured on; numbers of two machines compare only as ratios. */
final class Machine {
    private Machine() {}

    static String describe() {
        return String.format(
                Locale.ROOT,
                "%d processors, Java %s, load %.1f at the end",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }
}
