package io.uefivm.agent.vm;

import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.api.v1alpha1.Firmware;
import io.uefivm.api.v1alpha1.KeyProfile;
import io.uefivm.api.v1alpha1.SecureBootMode;

/** The variable store that a VM gets at its very first start. */
final class InitialStore {
    private InitialStore() {}

    /** Whether the keys come from a template of the host that has some. */
    static boolean needsEnrolledTemplate(Firmware firmware) {
        return firmware.secureBoot() == SecureBootMode.Enabled
                && firmware.keys().profile() == KeyProfile.HostTemplate;
    }

    /**
     * Makes it.
     *
     * @param template the variable template of the chosen firmware build; of it only the size counts, unless the spec
     *     asks for the host's own keys, so that a VM starts the same whichever template its first host ships
     * @throws io.uefivm.agent.varstore.VarstoreException when the template has no size that is known
     */
    static byte[] of(Firmware firmware, byte[] template) {
        if (needsEnrolledTemplate(firmware)) {
            return VarStore.parse(template).toBytes();
        }
        VarStore empty = EmptyStore.of(StoreSize.ofFileLength(template.length));
        return firmware.secureBoot() == SecureBootMode.Enabled
                ? Enrolment.apply(empty, io.uefivm.agent.varstore.KeyProfile.microsoft())
                        .toBytes()
                : empty.toBytes();
    }
}
