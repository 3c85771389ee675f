package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.SecureBootView.EnrolledCertificate;
import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecureBootViewTest {
    private static final VariableKey ENABLE = SecureBootView.ENABLE;

    @Test
    void debiansTemplateEnforcesWithTheCertificatesOf2011() {
        SecureBootView view = SecureBootView.of(OvmfTemplates.store("OVMF_VARS_4M.ms.fd"));

        assertThat(view.state()).isEqualTo(SecureBootState.ENFORCING);
        assertThat(view.certificates())
                .contains(
                        new EnrolledCertificate(
                                "KEK",
                                "CN=Microsoft Corporation KEK CA 2011,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US",
                                "a1117f516a32cefcba3f2d1ace10a87972fd6bbe8fe0d0b996e09e65d802a503",
                                Instant.parse("2026-06-24T20:51:29Z")),
                        new EnrolledCertificate(
                                "db",
                                "CN=Microsoft Windows Production PCA 2011,O=Microsoft Corporation,L=Redmond,"
                                        + "ST=Washington,C=US",
                                "e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961",
                                Instant.parse("2026-10-19T18:51:42Z")));
        assertThat(view.certificates())
                .extracting(EnrolledCertificate::variable)
                .containsExactly("PK", "KEK", "KEK", "db", "db");
        assertThat(view.dbx())
                .singleElement()
                .satisfies(
                        list -> assertThat(list.signatures()).singleElement().isInstanceOf(Signature.ImageHash.class));
    }

    @ParameterizedTest
    @CsvSource({
        "OVMF_VARS.fd, SETUP_MODE",
        "OVMF_VARS_4M.fd, SETUP_MODE",
        "OVMF_VARS.ms.fd, ENFORCING",
        "OVMF_VARS_4M.snakeoil.fd, ENFORCING",
    })
    void theStateOfEveryTemplateIsKnown(String template, SecureBootState state) {
        assertThat(SecureBootState.of(OvmfTemplates.store(template))).isEqualTo(state);
    }

    @ParameterizedTest
    @CsvSource({"01, ENFORCING", "00, OFF", "02, OFF"})
    void theSwitchIsOnOnlyAtOne(String value, SecureBootState state) {
        VarStore store = OvmfTemplates.store("OVMF_VARS_4M.ms.fd").set(Variable.of(ENABLE, 3, Bytes.ofHex(value)));

        assertThat(SecureBootState.of(store)).isEqualTo(state);
        assertThat(SecureBootView.of(store).enable()).contains(value.equals("01"));
    }

    @Test
    void withoutTheSwitchTheFirmwareTurnsItOn() {
        VarStore store = OvmfTemplates.store("OVMF_VARS_4M.ms.fd").delete(ENABLE);

        assertThat(SecureBootState.of(store)).isEqualTo(SecureBootState.ENFORCING);
        assertThat(SecureBootView.of(store).enable()).isEmpty();
    }

    @Test
    void withoutAPlatformKeyTheSwitchMeansNothing() {
        VarStore store = EmptyStore.of(StoreSize.M4).set(Variable.of(ENABLE, 3, Bytes.ofHex("01")));

        assertThat(SecureBootState.of(store)).isEqualTo(SecureBootState.SETUP_MODE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"OVMF_VARS.ms.fd", "OVMF_VARS_4M.ms.fd", "OVMF_VARS_4M.snakeoil.fd"})
    void signatureListsAreWrittenAsTheyWereRead(String template) {
        VarStore store = OvmfTemplates.store(template);

        for (VariableKey key : List.of(SecureBootView.PK, SecureBootView.KEK, SecureBootView.DB, SecureBootView.DBX)) {
            Bytes data = store.find(key).orElseThrow().data();
            assertThat(SignatureList.encode(SignatureList.parse(data))).isEqualTo(data);
        }
    }

    @Test
    void listsOfSeveralHashesAndOfUnknownTypesAreKept() {
        UUID unknown = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        Bytes one = Bytes.ofHex("01".repeat(32));
        Bytes two = Bytes.ofHex("02".repeat(32));
        List<SignatureList> lists = List.of(
                new SignatureList(
                        SignatureList.SHA256,
                        Bytes.EMPTY,
                        List.of(
                                new Signature.ImageHash(Vendors.MICROSOFT, one),
                                new Signature.ImageHash(Vendors.GLOBAL, two))),
                new SignatureList(
                        unknown, Bytes.ofHex("aabb"), List.of(new Signature.Other(unknown, Bytes.ofHex("112233")))));

        assertThat(SignatureList.parse(SignatureList.encode(lists))).isEqualTo(lists);
    }

    @Test
    void aCertificateThatCannotBeReadIsKeptAsItIs() {
        Bytes noCertificate = Bytes.ofHex("3082ffff00");

        assertThat(Signature.ofDer(Vendors.GLOBAL, noCertificate))
                .isEqualTo(new Signature.Other(Vendors.GLOBAL, noCertificate));
    }

    @ParameterizedTest
    @CsvSource({
        // list size, header size, entry size
        "27, 0, 48",
        "0, 0, 48",
        "76, 0, 47",
        "77, 0, 48",
        "4294967295, 0, 48",
        "76, 49, 48",
        "124, 0, 48",
    })
    void aListWhoseLengthsDoNotFitIsRefused(long list, long header, long entry) {
        Bytes data = new ByteWriter()
                .guid(SignatureList.SHA256)
                .u32(list)
                .u32(header)
                .u32(entry)
                .repeat(7, 48)
                .toBytes();

        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> SignatureList.parse(data))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.SIGNATURE_LIST));
    }

    @Test
    void entriesOfDifferentLengthsDoNotMakeAList() {
        SignatureList list = new SignatureList(
                SignatureList.X509,
                Bytes.EMPTY,
                List.of(
                        new Signature.Other(Vendors.GLOBAL, Bytes.ofHex("01")),
                        new Signature.Other(Vendors.GLOBAL, Bytes.ofHex("0102"))));

        assertThatExceptionOfType(VarstoreException.class).isThrownBy(() -> SignatureList.encode(List.of(list)));
    }
}
