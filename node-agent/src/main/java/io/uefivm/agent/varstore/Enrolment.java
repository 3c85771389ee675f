package io.uefivm.agent.varstore;

import java.time.LocalDateTime;
import java.util.List;

/**
 * Puts keys into a store, as only its owner can: from outside no signature is needed.
 *
 * <p>On a machine that has run before, this changes PCR 7, and what was sealed to it (BitLocker, LUKS with TPM) asks for
 * its recovery key.
 */
public final class Enrolment {
    /**
     * A signed update from within the guest must be newer than this. The same for every store, so that equal keys make
     * equal bytes.
     */
    private static final EfiTime ENROLLED_AT = EfiTime.of(LocalDateTime.of(2010, 1, 1, 0, 0));

    private Enrolment() {}

    /**
     * A store whose PK, KEK, db and dbx are exactly these, with Secure Boot switched on. An empty list means that there is
     * no such variable.
     *
     * @throws VarstoreException if they do not fit
     */
    public static VarStore apply(VarStore store, KeyProfile keys) {
        VarStore enrolled = store;
        enrolled = replace(enrolled, SecureBootView.PK, keys.pk());
        enrolled = replace(enrolled, SecureBootView.KEK, keys.kek());
        enrolled = replace(enrolled, SecureBootView.DB, keys.db());
        enrolled = replace(enrolled, SecureBootView.DBX, keys.dbx());
        return setEnabled(enrolled, true);
    }

    /** A store in which SecureBootEnable says this; without a platform key it means nothing. */
    public static VarStore setEnabled(VarStore store, boolean enabled) {
        return store.set(Variable.of(
                SecureBootView.ENABLE,
                Attributes.NON_VOLATILE | Attributes.BOOT_SERVICE,
                new ByteWriter().u8(enabled ? 1 : 0).toBytes()));
    }

    private static VarStore replace(VarStore store, VariableKey key, List<SignatureList> lists) {
        return lists.isEmpty()
                ? store.delete(key)
                : store.set(
                        Variable.authenticated(key, Attributes.KEY_VARIABLE, ENROLLED_AT, SignatureList.encode(lists)));
    }
}
