package io.uefivm.agent.domain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process has in memory, by /proc/pid/smaps.
 *
 * @param areas its mappings
 */
record MemoryMap(List<Area> areas) {
    private static final Pattern HEAD = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) (\\S+) .*");
    private static final Pattern RESIDENT = Pattern.compile("Rss: +(\\d+) kB");
    private static final double MIB = 1 << 20;

    /**
     * One mapping.
     *
     * @param bytes its size
     * @param executable and writable, as translated code is
     * @param resident bytes of it in memory
     */
    record Area(long bytes, boolean executable, long resident) {}

    static MemoryMap of(long pid) throws IOException {
        var areas = new ArrayList<Area>();
        long bytes = 0;
        boolean code = false;
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
            Matcher head = HEAD.matcher(line);
            Matcher resident = RESIDENT.matcher(line);
            if (head.matches()) {
                bytes = Long.parseUnsignedLong(head.group(2), 16) - Long.parseUnsignedLong(head.group(1), 16);
                code = head.group(3).startsWith("rwx");
            } else if (resident.matches()) {
                areas.add(new Area(bytes, code, Long.parseLong(resident.group(1)) << 10));
            }
        }
        return new MemoryMap(areas);
    }

    /** Without the memory of a guest of that size, and without translated code. */
    MemoryMap withoutGuest(long guestBytes) {
        return new MemoryMap(areas.stream()
                .filter(area -> area.bytes() != guestBytes && !area.executable())
                .toList());
    }

    double residentMib() {
        return areas.stream().mapToLong(Area::resident).sum() / MIB;
    }
}
