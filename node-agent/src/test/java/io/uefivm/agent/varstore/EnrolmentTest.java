package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.SecureBootView.EnrolledCertificate;
import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EnrolmentTest {
    @ParameterizedTest
    @EnumSource(StoreSize.class)
    void theMicrosoftProfileFitsAnyEmptyStoreAndEnforces(StoreSize size) {
        VarStore store = VarStore.parse(
                Enrolment.apply(EmptyStore.of(size), KeyProfile.microsoft()).toBytes());

        SecureBootView view = SecureBootView.of(store);
        assertThat(view.state()).isEqualTo(SecureBootState.ENFORCING);
        assertThat(view.enable()).contains(true);
        assertThat(view.certificates())
                .extracting(certificate -> certificate.variable() + " " + certificate.sha256())
                .containsExactly(
                        "PK 2f569e8edaf9657dc4951c29598725255c7f821472db71374211fe44d082546f",
                        "KEK a1117f516a32cefcba3f2d1ace10a87972fd6bbe8fe0d0b996e09e65d802a503",
                        "KEK 3cd3f0309edae228767a976dd40d9f4affc4fbd5218f2e8cc3c9dd97e8ac6f9d",
                        "db e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961",
                        "db 076f1fea90ac29155ebf77c17682f75f1fdd1be196da302dc8461e350a9ae330",
                        "db 48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507",
                        "db f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901",
                        "db e5be3e64c6e66a281457ecdece0d6d0787577aad2a3a0144262c10c14ba8d8f1");
        assertThat(view.dbx()).isEqualTo(KeyProfile.emptyDbx());
        assertThat(store.variables())
                .filteredOn(variable -> !variable.name().equals("SecureBootEnable"))
                .allSatisfy(variable -> {
                    assertThat(variable.attributes()).isEqualTo(0x27);
                    assertThat(variable.timestamp()).hasToString("2010-01-01T00:00:00Z");
                });
    }

    @Test
    void theCertificatesThatDebianEnrolsAreTheSameBytes() {
        List<SignatureList> debian =
                SecureBootView.of(OvmfTemplates.store("OVMF_VARS_4M.ms.fd")).db();

        assertThat(KeyProfile.microsoft().db()).containsAll(debian);
    }

    @Test
    void equalKeysMakeEqualBytes() {
        VarStore once = Enrolment.apply(EmptyStore.of(StoreSize.M4), KeyProfile.microsoft());
        VarStore twice = Enrolment.apply(once, KeyProfile.microsoft());

        assertThat(twice.toBytes()).isEqualTo(once.toBytes());
    }

    @Test
    void enrollingReplacesOtherKeysAndNothingElse() {
        VarStore before = OvmfTemplates.store("OVMF_VARS_4M.ms.fd").set(StoreFixture.variable("Kept", "1"));

        VarStore after = Enrolment.apply(before, KeyProfile.microsoft());

        assertThat(SecureBootView.of(after).certificates())
                .extracting(EnrolledCertificate::subject)
                .noneMatch(subject -> subject.contains("Debian"));
        assertThat(after.variables())
                .extracting(Variable::key)
                .containsExactlyInAnyOrderElementsOf(
                        before.variables().stream().map(Variable::key).toList());
        assertThat(after.find(VariableKey.global("Kept"))).isEqualTo(before.find(VariableKey.global("Kept")));
    }

    @Test
    void switchingOffKeepsTheKeys() {
        VarStore store =
                Enrolment.setEnabled(Enrolment.apply(EmptyStore.of(StoreSize.M4), KeyProfile.microsoft()), false);

        assertThat(SecureBootState.of(store)).isEqualTo(SecureBootState.OFF);
        assertThat(SecureBootView.of(store).certificates()).hasSize(8);
    }

    @Test
    void anEmptyListMeansNoVariable() {
        KeyProfile microsoft = KeyProfile.microsoft();
        KeyProfile bare = new KeyProfile(microsoft.pk(), microsoft.kek(), microsoft.db(), List.of());

        VarStore store = Enrolment.apply(Enrolment.apply(EmptyStore.of(StoreSize.M4), microsoft), bare);

        assertThat(store.find("dbx", Vendors.IMAGE_SECURITY)).isEmpty();
    }

    @Test
    void aPlatformKeyIsOneCertificate() {
        KeyProfile microsoft = KeyProfile.microsoft();

        assertNoProfile(List.of());
        assertNoProfile(microsoft.kek());
        assertNoProfile(microsoft.dbx());
    }

    private static void assertNoProfile(List<SignatureList> pk) {
        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> new KeyProfile(pk, List.of(), List.of(), List.of()))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.CERTIFICATE));
    }
}
