package io.uefivm.agent.vm;

import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.api.v1alpha1.Firmware;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootMode;
import java.util.Optional;

/** The variable store that a VM gets at its very first start. */
final class InitialStore {
    private InitialStore() {}

    /** Whether the keys come from a template of the host that has some. */
    static boolean needsEnrolledTemplate(Firmware firmware) {
        return firmware.secureBoot() == SecureBootMode.Enabled
                && firmware.keys().profile() == io.uefivm.api.v1alpha1.KeyProfile.HostTemplate;
    }

    /**
     * Makes it.
     *
     * @param keys what the spec declares of the keys; empty for none, and for those of the host's template
     * @param template the variable template of the chosen firmware build; of it only the size counts, unless the spec
     *     asks for the host's own keys, so that a VM starts the same whichever template its first host ships
     * @throws VarstoreException when the template has no size that is known
     * @throws Failure {@code NvramFull} when the keys do not fit
     */
    static byte[] of(Firmware firmware, Optional<KeyProfile> keys, byte[] template) throws Failure {
        if (needsEnrolledTemplate(firmware)) {
            return VarStore.parse(template).toBytes();
        }
        VarStore empty = EmptyStore.of(StoreSize.ofFileLength(template.length));
        if (keys.isEmpty()) {
            return empty.toBytes();
        }
        try {
            return Enrolment.apply(empty, keys.get()).toBytes();
        } catch (VarstoreException e) {
            throw new Failure(
                    Reason.NvramFull,
                    "What spec.firmware.keys declares does not fit into an empty store: " + e.getMessage()
                            + "; declare fewer certificates and hashes",
                    e);
        }
    }
}
