package io.uefivm.agent.firmware;

import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareKind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
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
        return images.stream()
                .filter(image -> misfits(image.build(), need).isEmpty())
                .findFirst()
                .<FirmwareChoice>map(Chosen::new)
                .orElseGet(() -> new NotFound(explain(images, need)));
    }

    /** Why a build does not fit, all reasons; empty when it fits. */
    private static List<String> misfits(FirmwareBuild build, Need need) {
        var misfits = new ArrayList<String>();
        if (!build.serves(need.kind())) {
            misfits.add(need.kind() == FirmwareKind.SECURE_BOOT ? "no Secure Boot with SMM" : "needs SMM");
        }
        if (need.enrolledTemplate() && !build.enrolledKeys()) {
            misfits.add("no keys in its template");
        }
        if (build.machines().stream().noneMatch(pattern -> matches(pattern, need.machineType()))) {
            misfits.add("only for " + String.join(", ", build.machines()));
        }
        if (need.codeDigest() != null && !need.codeDigest().equals(build.codeDigest())) {
            misfits.add("is " + build.codeDigest());
        }
        return misfits;
    }

    /** The globs of the interop specification: only {@code *} and {@code ?} are special. */
    private static boolean matches(String glob, String machineType) {
        String regex = Pattern.compile("[*?]|[^*?]+").matcher(glob).replaceAll(part -> switch (part.group()) {
            case "*" -> ".*";
            case "?" -> ".";
            default -> Matcher.quoteReplacement(Pattern.quote(part.group()));
        });
        return Pattern.matches(regex, machineType);
    }

    private static String explain(List<FirmwareImage> images, Need need) {
        String kind = need.kind() == FirmwareKind.SECURE_BOOT
                ? "UEFI firmware with Secure Boot and SMM"
                : "UEFI firmware that can do without SMM";
        String wanted = kind
                + (need.enrolledTemplate() ? ", with keys in its variable template," : "")
                + " for " + need.machineType();
        if (need.codeDigest() != null) {
            return "The firmware build that the VM was first booted with, " + need.codeDigest()
                    + ", is not on this host ("
                    + wanted + "); " + offered(images, need)
                    + ". Install that build on the host or select a node that has it: other code is not put under"
                    + " existing variables silently";
        }
        return "This host has no " + wanted + "; " + offered(images, need);
    }

    private static String offered(List<FirmwareImage> images, Need need) {
        if (images.isEmpty()) {
            return "it has no UEFI firmware for x86_64 at all: install the ovmf package on it";
        }
        return "it has "
                + images.stream()
                        .map(image -> image.build().descriptor() + " ("
                                + String.join("; ", misfits(image.build(), need)) + ")")
                        .collect(Collectors.joining(", "));
    }
}
