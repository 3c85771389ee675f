package io.uefivm.agent.firmware;

import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.api.v1alpha1.RolloutPart;
import java.util.ArrayList;
import java.util.Comparator;
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
     * @param pinned the only code that may be taken; null for any
     * @param ran the build that the VM ran with last; null for a new VM
     * @param rollout what a roll-out of firmware means for this start; null for none: then the build that the VM ran with
     *     last is taken again where it is
     */
    record Need(
            FirmwareKind kind,
            boolean enrolledTemplate,
            String machineType,
            @Nullable String pinned,
            @Nullable Ran ran,
            @Nullable RolloutPart rollout) {

        /** The only code that may be taken, whether it is pinned or held. */
        @Nullable
        String required() {
            return pinned == null && rollout == RolloutPart.Held && ran != null ? ran.codeDigest() : pinned;
        }
    }

    /**
     * The build that a VM ran with last.
     *
     * @param codeDigest of its code
     * @param varsSize bytes of its variable stores; null when that was not recorded
     */
    record Ran(@Nullable String codeDigest, @Nullable Long varsSize) {}

    /**
     * Chooses what the VM ran with last, unless it takes part in a roll-out, else the first that fits and has variable
     * stores of the same size, else the first that fits: whether a store of another size may become one of that size is
     * not decided here.
     */
    static FirmwareChoice choose(List<FirmwareImage> images, Need need) {
        return images.stream()
                .filter(image -> misfits(image.build(), need).isEmpty())
                .min(Comparator.comparingInt(image -> distance(image.build(), need)))
                .<FirmwareChoice>map(Chosen::new)
                .orElseGet(() -> new NotFound(explain(images, need)));
    }

    private static int distance(FirmwareBuild build, Need need) {
        Ran ran = need.ran();
        if (ran == null) {
            return 0;
        }
        if (need.rollout() != RolloutPart.Taking && build.codeDigest().equals(ran.codeDigest())) {
            return 0;
        }
        return ran.varsSize() == null || ran.varsSize().equals(build.varsSize()) ? 1 : 2;
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
        if (need.required() != null && !need.required().equals(build.codeDigest())) {
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
        if (need.pinned() != null) {
            return "The firmware build that spec.firmware.image pins, " + need.pinned()
                    + ", is not on this host or does not fit (" + wanted + "); " + offered(images, need)
                    + ". Install that build on the host, pin one that a host has, or take the pin away";
        }
        if (need.required() != null) {
            return "The firmware build that this VM ran with last, " + need.required()
                    + ", is not on this host or does not fit (" + wanted + "), and the roll-out policy of the operator"
                    + " (chart value firmwareRollout) holds the VM with it; " + offered(images, need)
                    + ". Put that build back on the host beside the new one, or let the VM take part in the roll-out";
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
