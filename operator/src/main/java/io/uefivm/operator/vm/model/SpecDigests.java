package io.uefivm.operator.vm.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What of a spec a start takes in, as a digest per field: recorded in the pod of an epoch, so that it can be told later
 * which fields have changed since. Digests, because a spec can be longer than annotations may be.
 *
 * @param digests 16 hexadecimal digits by path; fields at their empty value are left out
 */
public record SpecDigests(Map<String, String> digests) {
    private static final ObjectMapper CANONICAL = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private static final int DIGITS = 16;
    private static final String FIRMWARE = "firmware";
    private static final String DISKS = "disks";

    /**
     * What does not wait for a start: it takes effect at once (runStrategy, and of nvram history and reclaim), a start
     * alone does not apply it (keys), or whether it was applied is known better than by a digest (bootNext and the
     * request).
     */
    private static final Set<String> NOT_BY_A_START =
            Set.of("runStrategy", "nvram", "firmware.keys", "firmware.bootNext");

    public SpecDigests {
        digests = Map.copyOf(digests);
    }

    /** The digests of a spec. */
    public static SpecDigests of(UefiVirtualMachineSpec spec) {
        Map<String, String> digests = new TreeMap<>();
        JsonNode tree = CANONICAL.valueToTree(spec);
        for (Map.Entry<String, JsonNode> field : tree.properties()) {
            if (field.getKey().equals(DISKS)) {
                field.getValue().forEach(SpecDigests::leaveOutMedium);
            }
            if (field.getKey().equals(FIRMWARE)) {
                field.getValue()
                        .properties()
                        .forEach(part -> add(digests, FIRMWARE + "." + part.getKey(), part.getValue()));
            } else {
                add(digests, field.getKey(), field.getValue());
            }
        }
        return new SpecDigests(digests);
    }

    /** The medium of a CD-ROM drive is changed while the VM runs; one on USB is a disk to libvirt. */
    private static void leaveOutMedium(JsonNode disk) {
        if (disk.get("cdrom") instanceof ObjectNode cdrom
                && !cdrom.path("bus").asText().equals("usb")) {
            cdrom.remove("ejected");
            if (disk.get("persistentVolumeClaim") instanceof ObjectNode claim) {
                claim.remove("file");
            }
        }
    }

    private static void add(Map<String, String> digests, String path, JsonNode value) {
        if (!NOT_BY_A_START.contains(path)) {
            digests.put(path, digest(value.toString()));
        }
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Reads {@link #text()}; empty for a pod of an operator that did not write it. */
    static Optional<SpecDigests> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        Map<String, String> digests = new TreeMap<>();
        for (String entry : text.split(",")) {
            int at = entry.indexOf('=');
            if (at > 0) {
                digests.put(entry.substring(0, at), entry.substring(at + 1));
            }
        }
        return digests.isEmpty() ? Optional.empty() : Optional.of(new SpecDigests(digests));
    }

    /** As {@code path=digest}, sorted and joined by commas. */
    public String text() {
        return new TreeMap<>(digests)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(","));
    }

    /** The paths in which the two differ. */
    public SortedSet<String> differing(SpecDigests other) {
        SortedSet<String> paths = new TreeSet<>(digests.keySet());
        paths.addAll(other.digests.keySet());
        paths.removeIf(path -> Objects.equals(digests.get(path), other.digests.get(path)));
        return paths;
    }
}
