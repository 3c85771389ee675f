package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.uefivm.agent.varstore.BootConfiguration.BootEntry;
import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores as the firmware itself left them; their README tells how. */
class WrittenByOvmfTest {
    private static byte[] file(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(WrittenByOvmfTest.class.getResourceAsStream("ovmf/" + name + ".fd.gz"))) {
            return new GZIPInputStream(in).readAllBytes();
        }
    }

    static VarStore store(String name) throws IOException {
        return VarStore.parse(file(name));
    }

    private static String text(VarStore store, String name) {
        return VariableText.of(store.find(VariableKey.global(name)).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4m-setup-mode-booted",
                "4m-microsoft-booted",
                "2m-data-incomplete",
                "2m-header-incomplete",
                "4m-data-incomplete",
                "2m-spare-complete",
                "4m-spare-complete"
            })
    void isReadWithoutLossAndObeysEveryRule(String name) throws IOException {
        assertThat(StoreRules.check(file(name))).isEmpty();
    }

    @Test
    void bootEntriesAndConsolesCanBeRead() throws IOException {
        VarStore store = store("4m-setup-mode-booted");

        BootConfiguration boot = BootConfiguration.of(store);
        assertThat(boot.problems()).isEmpty();
        assertThat(boot.order()).containsExactly(1, 0, 2);
        assertThat(boot.entries())
                .extracting(
                        BootEntry::name,
                        entry -> entry.option().description(),
                        entry -> entry.option().path().text())
                .containsExactly(
                        tuple("Boot0001", "UEFI Misc Device", "PciRoot(0x0)/Pci(0x1,0x0)"),
                        tuple(
                                "Boot0000",
                                "UiApp",
                                "Fv(7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1)/FvFile(462CAA21-7614-4503-836E-8AB6F4662331)"),
                        tuple(
                                "Boot0002",
                                "EFI Internal Shell",
                                "Fv(7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1)/FvFile(7C04A583-9E3E-4F1C-AD65-E05268D0B4D1)"));
        assertThat(text(store, "ConOut"))
                .isEqualTo("PciRoot(0x0)/Pci(0x1F,0x0)/Serial(0x0)/Uart(115200,8,N,1)/VenPcAnsi()");
        assertThat(text(store, "ConIn"))
                .isEqualTo("PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0303,0x0),"
                        + "PciRoot(0x0)/Pci(0x1F,0x0)/Serial(0x0)/Uart(115200,8,N,1)/VenPcAnsi(),"
                        + "UsbHID(0xFFFF,0xFFFF,0x1,0x1)");
        assertThat(text(store, "BootOrder")).isEqualTo("0001 0000 0002");
        assertThat(text(store, "Timeout")).isEqualTo("0 s");
        assertThat(text(store, "PlatformLang")).isEqualTo("en");
        assertThat(SecureBootState.of(store)).isEqualTo(SecureBootState.SETUP_MODE);
        assertThat(store.usage()).isEqualTo(new StoreUsage(262044, 11204, 4700, 246140));
    }

    @Test
    void theFirmwareKeepsTheKeysThatWeEnrolled() throws IOException {
        VarStore booted = store("4m-microsoft-booted");
        VarStore ours = Enrolment.apply(EmptyStore.of(StoreSize.M4), KeyProfile.microsoft());

        assertThat(SecureBootState.of(booted)).isEqualTo(SecureBootState.ENFORCING);
        assertThat(booted.variables()).containsAll(ours.variables());
    }

    @ParameterizedTest
    @CsvSource({"2m-spare-complete, 39", "4m-spare-complete, 39"})
    void aStoreStoppedWhileItWasCopiedBackIsWhole(String name, int variables) throws IOException {
        VarStore store = store(name);

        assertThat(store.pendingWrite()).isEqualTo(PendingWrite.REPLAYED);
        assertThat(store.variables()).hasSize(variables);
        assertThat(VarStore.parse(store.compact().toBytes()).variables()).isEqualTo(store.variables());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2m-spare-incomplete", "4m-spare-incomplete", "2m-journal-header-torn"})
    void aStoreStoppedBeforeItWasTouchedCanBeHadByGivingUpTheWrite(String name) throws IOException {
        byte[] file = file(name);

        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> VarStore.parse(file))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.PENDING_WRITE));
        VarStore store = VarStore.parseAbandoningPendingWrite(file);
        assertThat(store.pendingWrite()).isEqualTo(PendingWrite.ABANDONED);
        assertThat(BootConfiguration.of(store).order()).hasSize(3);
        assertThat(store.variables())
                .filteredOn(v -> v.name().startsWith("Test"))
                .hasSizeGreaterThanOrEqualTo(11);
    }
}
