package io.uefivm.agent.firmware;

import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareKind;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which firmware build a VM gets. Pure. */
public sealed interface FirmwareChoice {
    /** This one. */
    record Chosen(FirmwareImage image) implements FirmwareChoice {}

    /**
     * None fits.
     *
     * @param message what was looked for, what there is, and the remedy
     */
    record NotFound(String message) implements FirmwareChoice {}

    /**
     * What a VM needs.
     *
     * @param enrolledTemplate its variable template has to carry keys
     * @param machineType versioned machine type
     * @param codeDigest the code that the VM was first booted with; null for a new VM. Nothing else is taken then:
     *     other code under old variables is a decision for people.
     */
    record Need(
            FirmwareKind kind,
            boolean enrolledTemplate,
            String machineType,
            @Nullable String codeDigest) {}

    /** Chooses the first that fits. */
    static FirmwareChoice choose(List<FirmwareImage> images, Need need) {
        Optional<FirmwareImage> chosen =
                images.stream().filter(image -> fits(image.build(), need)).findFirst();
        return chosen.<FirmwareChoice>map(Chosen::new).orElseGet(() -> new NotFound(explain(images, need)));
    }

    private static boolean fits(FirmwareBuild build, Need need) {
        return build.serves(need.kind())
                && (!need.enrolledTemplate() || build.enrolledKeys())
                && build.machines().stream().anyMatch(pattern -> matches(pattern, need.machineType()))
                && (need.codeDigest() == null || need.codeDigest().equals(build.codeDigest()));
    }

    private static boolean matches(String glob, String machineType) {
        String regex = Pattern.compile("[*?]|[^*?]+").matcher(glob).replaceAll(part -> switch (part.group()) {
            case "*" -> ".*";
            case "?" -> ".";
            default -> java.util.regex.Matcher.quoteReplacement(Pattern.quote(part.group()));
        });
        return Pattern.matches(regex, machineType);
    }

    private static String explain(List<FirmwareImage> images, Need need) {
        String wanted = need.kind() == FirmwareKind.SECURE_BOOT
                ? "a UEFI firmware with Secure Boot and SMM"
                : "a UEFI firmware without SMM";
        String offered = images.isEmpty()
                ? "this host has no UEFI firmware at all; install the ovmf package on it"
                : "this host has "
                        + images.stream()
                                .map(image -> image.build().descriptor() + " ("
                                        + image.build().codeDigest() + ")")
                                .collect(Collectors.joining(", "));
        return "No firmware fits: the VM needs " + wanted
                + (need.enrolledTemplate() ? ", with a template that carries keys," : "")
                + " for " + need.machineType()
                + (need.codeDigest() == null
                        ? ""
                        : ", the very build that it was first booted with (" + need.codeDigest() + ")")
                + "; " + offered
                + (need.codeDigest() == null ? "" : ". Install that build on the host, or select a node that has it");
    }
}
