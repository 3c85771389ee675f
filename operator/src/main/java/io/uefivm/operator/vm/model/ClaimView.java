package io.uefivm.operator.vm.model;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a plan needs to know of a claim that exists.
 *
 * @param lost its volume is gone
 * @param block it gives a block device and not a filesystem
 * @param expandedTo what it holds, as a quantity, if it was expanded since it was made
 */
public record ClaimView(String name, boolean lost, boolean deleting, boolean block, Optional<String> expandedTo) {

    private static final String STORAGE = "storage";

    /** Reads a claim. */
    public static ClaimView of(PersistentVolumeClaim claim) {
        return new ClaimView(
                claim.getMetadata().getName(),
                claim.getStatus() != null && "Lost".equals(claim.getStatus().getPhase()),
                claim.getMetadata().getDeletionTimestamp() != null,
                "Block".equals(claim.getSpec().getVolumeMode()),
                expandedTo(claim.getStatus()));
    }

    /**
     * Kubernetes writes what it allocated when it expands a claim and leaves that there (KEP 1790, on by default since
     * 1.32). The capacity follows when the volume's file system has been enlarged too.
     */
    private static Optional<String> expandedTo(@Nullable PersistentVolumeClaimStatus status) {
        if (status == null
                || status.getCapacity() == null
                || status.getAllocatedResources() == null
                || !status.getAllocatedResources().containsKey(STORAGE)) {
            return Optional.empty();
        }
        return Optional.ofNullable(status.getCapacity().get(STORAGE)).map(Quantity::toString);
    }
}
