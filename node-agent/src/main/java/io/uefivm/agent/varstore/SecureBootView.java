package io.uefivm.agent.varstore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys that a store holds, and what follows from them.
 *
 * @param enable SecureBootEnable, if it is there
 */
public record SecureBootView(
        SecureBootState state,
        Optional<Boolean> enable,
        List<SignatureList> pk,
        List<SignatureList> kek,
        List<SignatureList> db,
        List<SignatureList> dbx) {
    public static final VariableKey PK = VariableKey.global("PK");
    public static final VariableKey KEK = VariableKey.global("KEK");
    public static final VariableKey DB = new VariableKey("db", Vendors.IMAGE_SECURITY);
    public static final VariableKey DBX = new VariableKey("dbx", Vendors.IMAGE_SECURITY);
    public static final VariableKey ENABLE = new VariableKey("SecureBootEnable", Vendors.SECURE_BOOT_ENABLE);

    /**
     * A certificate and where it is enrolled.
     *
     * @param variable PK, KEK, db or dbx
     * @param sha256 of the DER form, in hexadecimal
     */
    public record EnrolledCertificate(String variable, String subject, String sha256, Instant notAfter) {}

    /**
     * Reads all of it.
     *
     * @throws VarstoreException if one of the variables is no sequence of signature lists; {@link
     *     SecureBootState#of} does not look into them
     */
    public static SecureBootView of(VarStore store) {
        return new SecureBootView(
                SecureBootState.of(store),
                store.find(ENABLE)
                        .filter(enable -> enable.data().length() == 1)
                        .map(enable -> enable.data().u8(0) == 1),
                lists(store, PK),
                lists(store, KEK),
                lists(store, DB),
                lists(store, DBX));
    }

    private static List<SignatureList> lists(VarStore store, VariableKey key) {
        return store.find(key)
                .map(variable -> SignatureList.parse(variable.data()))
                .orElse(List.of());
    }

    /** Every certificate of PK, KEK, db and dbx, in this order. */
    public List<EnrolledCertificate> certificates() {
        return Stream.of(certificates(PK, pk), certificates(KEK, kek), certificates(DB, db), certificates(DBX, dbx))
                .flatMap(certificates -> certificates)
                .toList();
    }

    private static Stream<EnrolledCertificate> certificates(VariableKey key, List<SignatureList> lists) {
        return lists.stream()
                .flatMap(list -> list.signatures().stream())
                .filter(Signature.Certificate.class::isInstance)
                .map(Signature.Certificate.class::cast)
                .map(certificate -> new EnrolledCertificate(
                        key.name(), certificate.subject(), certificate.sha256(), certificate.notAfter()));
    }
}
