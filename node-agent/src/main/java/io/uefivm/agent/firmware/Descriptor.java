package io.uefivm.agent.firmware;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A firmware descriptor file, as far as it is needed (QEMU's docs/interop/firmware.json). */
@JsonIgnoreProperties(ignoreUnknown = true)
record Descriptor(
        @Nullable String description,
        @JsonProperty("interface-types") @Nullable List<String> interfaceTypes,
        @Nullable Mapping mapping,
        @Nullable List<Target> targets,
        @Nullable List<String> features) {

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Mapping(
            @Nullable String device,
            @Nullable String mode,
            @Nullable Flash executable,
            @JsonProperty("nvram-template") @Nullable Flash nvramTemplate) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Flash(@Nullable String filename, @Nullable String format) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Target(@Nullable String architecture, @Nullable List<String> machines) {}

    boolean has(String feature) {
        return features != null && features.contains(feature);
    }

    boolean isUefi() {
        return interfaceTypes != null && interfaceTypes.contains("uefi");
    }

    /** Patterns of the machine types of an architecture, for example {@code pc-q35-*}. */
    List<String> machines(String architecture) {
        return targets == null
                ? List.of()
                : targets.stream()
                        .filter(target -> architecture.equals(target.architecture()) && target.machines() != null)
                        .flatMap(target -> java.util.Objects.requireNonNull(target.machines()).stream())
                        .toList();
    }

    /** The pair of code and variable template, if it is of the kind that is supported: split flash, both raw. */
    Optional<Pair> split() {
        if (mapping == null
                || !"flash".equals(mapping.device())
                // Absent means split: descriptors from before QEMU 7.0 do not say.
                || (mapping.mode() != null && !"split".equals(mapping.mode()))
                || mapping.executable() == null
                || mapping.nvramTemplate() == null
                || !isRaw(mapping.executable())
                || !isRaw(mapping.nvramTemplate())) {
            return Optional.empty();
        }
        String code = mapping.executable().filename();
        String vars = mapping.nvramTemplate().filename();
        return code == null || vars == null ? Optional.empty() : Optional.of(new Pair(code, vars));
    }

    private static boolean isRaw(Flash flash) {
        return flash.format() == null || "raw".equals(flash.format());
    }

    record Pair(String code, String vars) {}
}
