package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two readers and two writers agree.
 *
 * <p>Not on records in transition (state 0x3e) and on stores that were interrupted: virt-fw-vars drops the former and looks at
 * no journal, where the firmware finds the variables (RecordStatesTest, PendingWriteTest).
 */
class VirtFirmwareTest {
    @TempDir
    private Path folder;

    private VirtFirmware other;

    @BeforeEach
    void findIt() {
        other = new VirtFirmware(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4m-setup-mode-booted", "4m-microsoft-booted"})
    void bothReadTheSameInAStoreThatOvmfWrote(String name) throws IOException {
        VarStore store = WrittenByOvmfTest.store(name);

        assertThat(other.read(store)).isEqualTo(VirtFirmware.lines(store)).hasSizeGreaterThan(20);
    }

    @Test
    void bothReadTheSameInDebiansTemplates() throws IOException {
        for (String name : OvmfTemplates.NAMES) {
            VarStore store = OvmfTemplates.store(name);
            assertThat(other.read(store)).as(name).isEqualTo(VirtFirmware.lines(store));
        }
    }

    @ParameterizedTest
    @EnumSource(StoreSize.class)
    void itReadsWhatWeWrite(StoreSize size) throws IOException {
        VarStore edited = Enrolment.apply(EmptyStore.of(size), KeyProfile.microsoft())
                .set(StoreFixture.variable("Größe", "1"))
                .set(StoreFixture.variable("Timeout", "12345"))
                .delete(new VariableKey("SecureBootEnable", Vendors.SECURE_BOOT_ENABLE));
        VarStore compacted = WrittenByOvmfTest.store("4m-microsoft-booted").compact();
        VarStore converted = Conversion.of(compacted, size).store();

        for (VarStore store : List.of(edited, compacted, converted)) {
            assertThat(other.read(store)).isEqualTo(VirtFirmware.lines(store)).isNotEmpty();
        }
    }

    @Test
    void weReadWhatItWrites() throws IOException {
        Path pem = folder.resolve("own.pem");
        try (InputStream in = KeyProfile.class.getResourceAsStream("keys/ms-uefi-2023.pem")) {
            Files.write(pem, Objects.requireNonNull(in).readAllBytes());
        }
        String owner = "a0baa8a3-041d-48a8-bc87-c36d121b5e3d";

        VarStore store = other.write(
                EmptyStore.of(StoreSize.M4),
                "--set-pk",
                owner,
                pem.toString(),
                "--add-kek",
                owner,
                pem.toString(),
                "--add-db",
                owner,
                pem.toString(),
                "--sb",
                "--append-boot-filepath",
                "\\EFI\\BOOT\\BOOTX64.EFI");

        SecureBootView view = SecureBootView.of(store);
        assertThat(view.state()).isEqualTo(SecureBootState.ENFORCING);
        assertThat(view.certificates())
                .filteredOn(certificate -> certificate.variable().equals("db"))
                .extracting(SecureBootView.EnrolledCertificate::subject)
                .singleElement()
                .asString()
                .contains("Microsoft UEFI CA 2023");
        assertThat(BootConfiguration.of(store).entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.option().path().text()).contains("\\EFI\\BOOT\\BOOTX64.EFI"));
    }

    @Test
    void aStoreThatItRewritesKeepsWhatWePutThere() throws IOException {
        VarStore ours = Enrolment.apply(WrittenByOvmfTest.store("4m-setup-mode-booted"), KeyProfile.microsoft());

        VarStore theirs = other.write(
                EmptyStore.of(StoreSize.M4), "--set-json", other.dump(ours).toString());

        assertThat(VirtFirmware.lines(theirs)).containsExactlyInAnyOrderElementsOf(VirtFirmware.lines(ours));
    }
}
