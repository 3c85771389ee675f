package io.uefivm.agent.volume;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The mount points of this process's mount namespace, /proc/self/mountinfo (proc(5)).
 *
 * @param points in the order in which they were mounted; one path can be there more than once
 */
record MountTable(List<Path> points) {
    private static final int MOUNT_POINT = 4;
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    static MountTable read() {
        try {
            return parse(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static MountTable parse(String mountinfo) {
        return new MountTable(mountinfo
                .lines()
                .map(line -> line.split(" "))
                .filter(fields -> fields.length > MOUNT_POINT)
                .map(fields -> Path.of(unescape(fields[MOUNT_POINT])))
                .toList());
    }

    private static String unescape(String field) {
        return OCTAL.matcher(field)
                .replaceAll(m -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(m.group(1), 8))));
    }

    /** Mount points at or below a path, the newest first: the order in which they can be unmounted. */
    List<Path> within(Path path) {
        List<Path> found =
                new ArrayList<>(points.stream().filter(p -> p.startsWith(path)).toList());
        Collections.reverse(found);
        return found;
    }
}
