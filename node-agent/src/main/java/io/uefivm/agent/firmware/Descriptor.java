package io.uefivm.agent.firmware;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A firmware descriptor file, as far as it is needed (QEMU's docs/interop/firmware.json). */
@JsonIgnoreProperties(ignoreUnknown = true)
record Descriptor(
        @Nullable String description,
        @JsonProperty("interface-types") @Nullable List<@Nullable String> interfaceTypes,
        @Nullable Mapping mapping,
        @Nullable List<@Nullable Target> targets,
        @Nullable List<@Nullable String> features) {

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Mapping(
            @Nullable String device,
            @Nullable String mode,
            @Nullable Flash executable,
            @JsonProperty("nvram-template") @Nullable Flash nvramTemplate) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Flash(@Nullable String filename, @Nullable String format) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Target(@Nullable String architecture, @Nullable List<@Nullable String> machines) {}

    boolean has(String feature) {
        return features != null && features.contains(feature);
    }

    /** Patterns of the machine types of an architecture, for example {@code pc-q35-*}. */
    List<String> machines(String architecture) {
        return present(targets)
                .filter(target -> architecture.equals(target.architecture()))
                .flatMap(target -> present(target.machines()))
                .toList();
    }

    private static <T> Stream<T> present(@Nullable List<@Nullable T> list) {
        return list == null ? Stream.empty() : list.stream().filter(Objects::nonNull);
    }

    /**
     * The pair of code and variable template of a UEFI build in split, raw flash, the only form that is used.
     *
     * @throws UnsuitableException when it is firmware of another kind
     * @throws IllegalArgumentException when it is of this kind and lacks what it needs
     */
    Pair pair(String architecture) throws UnsuitableException {
        if (interfaceTypes == null || mapping == null || targets == null) {
            throw new IllegalArgumentException("has no interface-types, mapping or targets");
        }
        if (!interfaceTypes.contains("uefi")) {
            throw new UnsuitableException("is no UEFI firmware");
        }
        if (machines(architecture).isEmpty()) {
            throw new UnsuitableException("is not for " + architecture);
        }
        if (!"flash".equals(mapping.device())) {
            throw new UnsuitableException("is mapped to " + mapping.device() + ", not to flash");
        }
        // Absent means split: descriptors from before QEMU 7.0 do not say.
        if (mapping.mode() != null && !"split".equals(mapping.mode())) {
            throw new UnsuitableException("has the flash mode " + mapping.mode() + ", not split");
        }
        return new Pair(path(mapping.executable(), "executable"), path(mapping.nvramTemplate(), "nvram-template"));
    }

    private static String path(@Nullable Flash flash, String field) throws UnsuitableException {
        if (flash == null || flash.filename() == null || flash.format() == null) {
            throw new IllegalArgumentException("has no mapping." + field + " with filename and format");
        }
        if (!"raw".equals(flash.format())) {
            throw new UnsuitableException("has an image of the format " + flash.format() + ", not raw");
        }
        if (!flash.filename().startsWith("/")) {
            throw new IllegalArgumentException("names no absolute path in mapping." + field + ": " + flash.filename());
        }
        return flash.filename();
    }

    /** Paths of the host. */
    record Pair(String code, String vars) {}

    /** It describes something, only not what is looked for here. */
    static final class UnsuitableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnsuitableException(String message) {
            super(message);
        }
    }
}
