package io.uefivm.operator.vm.model;

import io.uefivm.api.v1alpha1.RolloutPart;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The operator's policy on which VMs take new firmware first. All others keep what they ran with last. A pin in a VM's spec
 * overrides it, either way.
 *
 * @param percentage of the VMs that take it, 0 to 100; who is in stays in when it is raised
 * @param matchLabels VMs that have all of these labels take it too; none if empty
 */
public record FirmwareRollout(int percentage, Map<String, String> matchLabels) {
    private static final int ALL = 100;

    public FirmwareRollout {
        if (percentage < 0 || percentage > ALL) {
            throw new IllegalArgumentException("a percentage is 0 to 100, not " + percentage);
        }
        matchLabels = Map.copyOf(matchLabels);
    }

    /** What a VM does under this policy. */
    public RolloutPart partOf(String uid, Map<String, String> labels) {
        boolean chosen = !matchLabels.isEmpty() && labels.entrySet().containsAll(matchLabels.entrySet());
        return chosen || place(uid) < percentage ? RolloutPart.Taking : RolloutPart.Held;
    }

    /** A number from 0 to 99 that is the VM's for ever. */
    private static long place(String uid) {
        CRC32 hash = new CRC32();
        hash.update(uid.getBytes(StandardCharsets.UTF_8));
        return hash.getValue() % ALL;
    }
}
