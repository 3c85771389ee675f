package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyMaterialTest {
    private static final SignatureList CERTIFICATE =
            KeyProfile.microsoft().kek().get(0);
    private static final Bytes DER = CERTIFICATE.signatures().get(0).data();

    private static Bytes ascii(String text) {
        return Bytes.copyOf(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String pem() {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(DER.toArray())
                + "\n-----END CERTIFICATE-----\n";
    }

    private static List<SignatureList> parse(Bytes material) {
        return KeyMaterial.parse(Vendors.MICROSOFT, material);
    }

    @Test
    void everyFormGivesTheSameLists() {
        Bytes lists = SignatureList.encode(List.of(CERTIFICATE));
        Bytes signedUpdate = new ByteWriter()
                .bytes(EfiTime.of(LocalDateTime.of(2024, 2, 29, 1, 2, 3)).toBytes())
                .u32(24 + 5)
                .u16(0x0200)
                .u16(0x0ef1)
                .guid(Vendors.SHIM)
                .repeat(0x55, 5)
                .bytes(lists)
                .toBytes();

        assertThat(parse(DER)).containsExactly(CERTIFICATE);
        assertThat(parse(ascii(pem()))).containsExactly(CERTIFICATE);
        assertThat(parse(ascii("Some words first\n" + pem() + "and between\n" + pem())))
                .containsExactly(CERTIFICATE, CERTIFICATE);
        assertThat(parse(lists)).containsExactly(CERTIFICATE);
        assertThat(parse(signedUpdate)).containsExactly(CERTIFICATE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-----BEGIN CERTIFICATE-----",
                "-----END CERTIFICATE----------BEGIN CERTIFICATE-----",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
                "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----",
                "0 is what DER starts with",
            })
    void whatIsNoCertificateIsRefused(String text) {
        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> parse(ascii(text)))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.CERTIFICATE));
    }

    @Test
    void aSignedUpdateThatIsCutOffIsRefused() {
        Bytes cutOff = new ByteWriter()
                .repeat(0, 16)
                .u32(1000)
                .u16(0x0200)
                .u16(0x0ef1)
                .repeat(0, 16)
                .toBytes();

        assertThatExceptionOfType(VarstoreException.class).isThrownBy(() -> parse(cutOff));
    }
}
