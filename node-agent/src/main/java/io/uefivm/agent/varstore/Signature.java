package io.uefivm.agent.varstore;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.UUID;

/** One entry of a signature list (EFI_SIGNATURE_DATA, UEFI specification 32.4.1). */
public sealed interface Signature {
    /** The first byte of every certificate in DER. */
    int DER_SEQUENCE = 0x30;

    /** Whoever put it there, by a GUID of their choice. */
    UUID owner();

    /** What follows the owner in the list. */
    Bytes data();

    /**
     * A certificate: what it signed, directly or through others, is meant.
     *
     * @param data the certificate in DER
     * @param subject as RFC 2253 writes it
     * @param notAfter when it expires, which firmware ignores for what was signed before
     */
    record Certificate(UUID owner, Bytes data, String subject, Instant notAfter) implements Signature {
        /** The SHA-256 of the DER form, in hexadecimal: what certificate viewers show as fingerprint. */
        public String sha256() {
            return data.sha256();
        }
    }

    /** The Authenticode SHA-256 of one image. */
    record ImageHash(UUID owner, Bytes data) implements Signature {}

    /** An entry of another type, or a certificate that cannot be read. */
    record Other(UUID owner, Bytes data) implements Signature {}

    /** Reads a certificate in DER; {@link Other} if it is none. */
    static Signature ofDer(UUID owner, Bytes der) {
        if (der.length() == 0 || der.u8(0) != DER_SEQUENCE) {
            // The JDK would also read PEM, which the firmware does not.
            return new Other(owner, der);
        }
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der.toArray()));
            return new Certificate(
                    owner,
                    der,
                    certificate.getSubjectX500Principal().getName(),
                    certificate.getNotAfter().toInstant());
        } catch (CertificateException | RuntimeException unreadable) {
            // The JDK's DER reader lets some runtime exceptions out when the bytes are hostile.
            return new Other(owner, der);
        }
    }
}
