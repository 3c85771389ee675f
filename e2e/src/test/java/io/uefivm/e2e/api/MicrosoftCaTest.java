package io.uefivm.e2e.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.api.v1alpha1.MicrosoftCa;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The operator knows certificates by digest; the agent ships them. */
class MicrosoftCaTest {
    @ParameterizedTest
    @CsvSource({
        "ms-kek-2011, KEK_2011, KEK_2023",
        "windows-2011, WINDOWS_2011, WINDOWS_2023",
        "ms-uefi-2011, UEFI_2011, UEFI_2023",
        "ms-kek-2023, KEK_2023,",
        "windows-2023, WINDOWS_2023,",
        "ms-uefi-2023, UEFI_2023,",
        "ms-uefi-rom-2023, OPTION_ROM_2023,",
    })
    void digestsAreThoseOfTheShippedCertificates(String file, MicrosoftCa ca, MicrosoftCa successor) throws Exception {
        try (InputStream pem = KeyProfile.class.getResourceAsStream("keys/" + file + ".pem")) {
            byte[] der = CertificateFactory.getInstance("X.509")
                    .generateCertificate(pem)
                    .getEncoded();
            assertThat(ca.sha256())
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(der)));
        }
        assertThat(ca.successor().orElse(null)).isEqualTo(successor);
    }
}
