package io.uefivm.agent.varstore;

/**
 * What the store makes of Secure Boot at the next start, if the firmware build is one that has it (edk2
 * SecurityPkg/Library/AuthVariableLib, AuthVariableLibInitialize).
 */
public enum SecureBootState {
    /** Only signed loaders start. */
    ENFORCING,
    /** There is no platform key: anything starts, and anybody in the guest can enrol keys. */
    SETUP_MODE,
    /** Keys are enrolled, but SecureBootEnable is off: anything starts. */
    OFF;

    /** Of this store. */
    public static SecureBootState of(VarStore store) {
        if (store.find(SecureBootView.PK).isEmpty()) {
            return SETUP_MODE;
        }
        // Without the switch the firmware makes one that is on.
        boolean on = store.find(SecureBootView.ENABLE)
                .map(enable -> enable.data().length() > 0 && enable.data().u8(0) == 1)
                .orElse(true);
        return on ? ENFORCING : OFF;
    }
}
