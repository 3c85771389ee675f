package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The firmware itself honours what this library writes, and the library reads what the firmware makes of it. */
class RealOvmfTest {
    private static final Path SIGNED = Path.of("/usr/lib/shim/shimx64.efi.signed");
    private static final Path UNSIGNED = Path.of("/usr/lib/shim/shimx64.efi");

    @TempDir
    private Path folder;

    private Path write(VarStore store) throws IOException {
        return Files.write(folder.resolve("vars.fd"), store.toBytes());
    }

    private static VarStore microsoft() {
        return Enrolment.apply(EmptyStore.of(StoreSize.M4), KeyProfile.microsoft());
    }

    @Test
    void theMicrosoftProfileStartsWhatMicrosoftSigned() throws IOException {
        Path vars = write(microsoft());

        try (OvmfMachine machine = OvmfMachine.start(folder, vars, OvmfMachine.require(SIGNED, "shim-signed"))) {
            machine.awaitConsole("BdsDxe: starting Boot\\p{XDigit}{4} \"UEFI");
        }

        byte[] left = Files.readAllBytes(vars);
        assertThat(StoreRules.check(left)).isEmpty();
        VarStore after = VarStore.parse(left);
        assertThat(SecureBootState.of(after)).isEqualTo(SecureBootState.ENFORCING);
        assertThat(after.variables()).containsAll(microsoft().variables());
        assertThat(BootConfiguration.of(after).problems()).isEmpty();
        assertThat(BootConfiguration.of(after).entries())
                .anyMatch(entry -> entry.option().path().text().startsWith("PciRoot(0x0)/Pci(0x1,0x0)"));
        assertThat(VariableText.of(after.find(VariableKey.global("ConOut")).orElseThrow()))
                .contains("Uart(115200,8,N,1)");
    }

    @Test
    void theMicrosoftProfileRefusesALoaderWithoutSignature() throws IOException {
        Path vars = write(microsoft());

        try (OvmfMachine machine = OvmfMachine.start(folder, vars, OvmfMachine.require(UNSIGNED, "shim-unsigned"))) {
            machine.awaitConsole("BdsDxe: failed to load Boot\\p{XDigit}{4} \"UEFI[^\n]*Access Denied");
            assertThat(machine.console()).doesNotContainPattern("BdsDxe: starting Boot\\p{XDigit}{4} \"UEFI");
        }
    }

    @Test
    void bootNextStartsOurOwnEntryOnce() throws IOException {
        Bytes shell = new ByteWriter()
                .u16(0x0704)
                .u16(20)
                .guid(UUID.fromString("7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1"))
                .u16(0x0604)
                .u16(20)
                .guid(UUID.fromString("7c04a583-9e3e-4f1c-ad65-e05268d0b4d1"))
                .u16(0xff7f)
                .u16(4)
                .toBytes();
        LoadOption option = new LoadOption(1, "By uefivm", DevicePath.parse(shell), shell, Bytes.EMPTY);
        VarStore store = BootConfiguration.setEntry(EmptyStore.of(StoreSize.M4), 0x7a, option);
        Path vars = write(BootConfiguration.setNext(store, 0x7a));

        try (OvmfMachine machine = OvmfMachine.start(folder, vars, null)) {
            machine.awaitConsole("BdsDxe: starting Boot007A \"By uefivm\"");
        }

        BootConfiguration after = BootConfiguration.of(VarStore.parse(Files.readAllBytes(vars)));
        assertThat(after.next()).isEmpty();
        assertThat(after.entries()).contains(new BootConfiguration.BootEntry(0x7a, option));
        assertThat(after.problems()).isEmpty();
    }
}
