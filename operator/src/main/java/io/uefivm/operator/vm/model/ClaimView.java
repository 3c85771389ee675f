package io.uefivm.operator.vm.model;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;

/**
 * What a plan needs to know of a claim that exists.
 *
 * @param lost its volume is gone
 * @param block it gives a block device and not a filesystem
 */
public record ClaimView(String name, boolean lost, boolean deleting, boolean block) {

    /** Reads a claim. */
    public static ClaimView of(PersistentVolumeClaim claim) {
        return new ClaimView(
                claim.getMetadata().getName(),
                claim.getStatus() != null && "Lost".equals(claim.getStatus().getPhase()),
                claim.getMetadata().getDeletionTimestamp() != null,
                "Block".equals(claim.getSpec().getVolumeMode()));
    }
}
