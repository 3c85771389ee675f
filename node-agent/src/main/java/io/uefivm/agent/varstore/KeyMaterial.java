package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** The forms in which people keep the contents of PK, KEK, db and dbx. */
public final class KeyMaterial {
    private static final String PEM_BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String PEM_END = "-----END CERTIFICATE-----";
    /** WIN_CERTIFICATE's revision and its type EFI_GUID (UEFI specification 32.2.4), 20 bytes into an update. */
    private static final long SIGNED_UPDATE = 0x0ef1_0200L;

    private static final int SIGNED_UPDATE_HEADER = 24;

    private KeyMaterial() {}

    /**
     * Reads a PEM file of one or more certificates, a certificate in DER, signature lists ({@code .esl}), or a signed
     * update ({@code .auth}), of which the signature is not looked at: who writes the store needs none.
     *
     * @param owner goes with certificates; the other forms have their own
     * @throws VarstoreException as {@link Problem#CERTIFICATE} or {@link Problem#SIGNATURE_LIST}
     */
    public static List<SignatureList> parse(UUID owner, Bytes material) {
        if (material.length() == 0) {
            throw noCertificate("There are no keys in an empty file");
        }
        String text = new String(material.toArray(), StandardCharsets.ISO_8859_1);
        if (text.contains(PEM_BEGIN)) {
            return pem(owner, text);
        }
        if (material.u8(0) == Signature.DER_SEQUENCE) {
            return List.of(certificate(owner, material));
        }
        if (material.length() > SIGNED_UPDATE_HEADER && material.u32(20) == SIGNED_UPDATE) {
            return signedUpdate(material);
        }
        return SignatureList.parse(material);
    }

    private static List<SignatureList> pem(UUID owner, String text) {
        List<SignatureList> certificates = new ArrayList<>();
        for (int begin = text.indexOf(PEM_BEGIN); begin >= 0; begin = text.indexOf(PEM_BEGIN, begin + 1)) {
            int end = text.indexOf(PEM_END, begin);
            if (end < 0) {
                throw noCertificate("A certificate in PEM has no '" + PEM_END + "'");
            }
            String base64 = text.substring(begin + PEM_BEGIN.length(), end);
            try {
                byte[] der = Base64.getMimeDecoder().decode(base64);
                certificates.add(certificate(owner, Bytes.wrap(der)));
            } catch (IllegalArgumentException e) {
                throw noCertificate("A certificate in PEM is not in base64: " + e.getMessage());
            }
        }
        return List.copyOf(certificates);
    }

    private static SignatureList certificate(UUID owner, Bytes der) {
        if (Signature.ofDer(owner, der) instanceof Signature.Certificate certificate) {
            return SignatureList.of(certificate);
        }
        throw noCertificate("These bytes are no X.509 certificate");
    }

    private static List<SignatureList> signedUpdate(Bytes material) {
        long payload = EfiTime.LENGTH + material.u32(EfiTime.LENGTH);
        if (payload > material.length()) {
            throw noCertificate("The signature of a signed update is longer than the file");
        }
        return SignatureList.parse(material.slice((int) payload, material.length()));
    }

    private static VarstoreException noCertificate(String message) {
        return new VarstoreException(Problem.CERTIFICATE, VarstoreException.NO_OFFSET, message);
    }
}
