package io.uefivm.agent.nvram;

import java.util.List;

/**
 * Where an epoch's files are in the claim, one name per step from the claim's root.
 *
 * @param vars the variable store, a file
 * @param tpm swtpm's state, a directory
 */
public record EpochPaths(List<String> vars, List<String> tpm) {

    /** Where they are for a VM. */
    public static EpochPaths of(String vmUid, long epoch) {
        String number = Long.toString(epoch);
        return new EpochPaths(
                List.of(Layout.ROOT, vmUid, Layout.EPOCHS, number, EpochFiles.VARS),
                List.of(Layout.ROOT, vmUid, Layout.EPOCHS, number, EpochFiles.TPM));
    }
}
