package io.uefivm.agent.hypervisor;

import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The versioned Q35 machine types in libvirt's capabilities. */
final class MachineTypes {
    private static final Pattern Q35 = Pattern.compile("pc-q35-(\\d+)\\.(\\d+)(?:\\.(\\d+))?");
    private static final Comparator<MatchResult> BY_VERSION = Comparator.<MatchResult>comparingInt(
                    m -> Integer.parseInt(m.group(1)))
            .thenComparingInt(m -> Integer.parseInt(m.group(2)))
            .thenComparingInt(m -> m.group(3) == null ? 0 : Integer.parseInt(m.group(3)));

    private MachineTypes() {}

    /** All that are named, newest first. Vendors' own names (pc-q35-rhel...) have another form and are not taken. */
    static List<String> q35(String capabilities) {
        Matcher matcher = Q35.matcher(capabilities);
        return matcher.results()
                .sorted(BY_VERSION.reversed())
                .map(MatchResult::group)
                .distinct()
                .toList();
    }
}
