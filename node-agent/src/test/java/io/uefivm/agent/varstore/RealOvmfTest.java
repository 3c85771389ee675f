package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    /** In one start: what is signed with another key, what dbx names by its hash, and what db allows, in our boot order. */
    @Test
    void ourOwnKeysDecideWhatStartsFromAConvertedAndCompactedStore() throws IOException {
        Path shim = OvmfMachine.require(Path.of("/usr/lib/shim/fbx64.efi"), "shim-unsigned");
        Path manager = OvmfMachine.require(Path.of("/usr/lib/shim/mmx64.efi"), "shim-unsigned");
        Path disk = Files.createDirectories(folder.resolve("floppy"));
        SigningKey own = SigningKey.make(folder, "own");
        SigningKey.make(folder, "other").sign(shim, disk.resolve("other.efi"));
        own.sign(manager, disk.resolve("forbid.efi"));
        own.sign(shim, disk.resolve("own.efi"));
        KeyProfile keys = new KeyProfile(
                own.certificate(),
                own.certificate(),
                own.certificate(),
                List.of(SigningKey.imageHash(disk.resolve("forbid.efi"))));
        VarStore small = Enrolment.apply(EmptyStore.of(StoreSize.M2), keys);
        small = BootConfiguration.setEntry(small, 7, onDisk("Other", "\\other.efi"));
        small = BootConfiguration.setEntry(small, 3, onDisk("Forbidden", "\\forbid.efi"));
        small = BootConfiguration.setEntry(small, 5, onDisk("Own", "\\own.efi"));
        small = BootConfiguration.setOrder(small, List.of(7, 3, 5));
        VarStore store = Conversion.of(small, StoreSize.M4).store().compact();
        Path vars = write(store);

        try (OvmfMachine machine =
                OvmfMachine.start(folder, StoreSize.M4, vars, OvmfMachine.disk("fat:floppy:" + disk, ""))) {
            machine.awaitConsole("(?s)failed to load Boot0007 \"Other\"[^\n]*Access Denied"
                    + ".*failed to load Boot0003 \"Forbidden\"[^\n]*Access Denied"
                    + ".*starting Boot0005 \"Own\"");
            assertThat(machine.console()).doesNotContain("starting Boot0007", "starting Boot0003");
        }

        VarStore after = VarStore.parse(Files.readAllBytes(vars));
        assertThat(SecureBootState.of(after)).isEqualTo(SecureBootState.ENFORCING);
        assertThat(SecureBootView.of(after)).isEqualTo(SecureBootView.of(store));
        assertThat(BootConfiguration.of(after).order()).startsWith(7, 3, 5);
    }

    /** A file of the first PCI device, which has no partitions. */
    private static LoadOption onDisk(String description, String file) {
        Bytes name = new ByteWriter().text(file).toBytes();
        Bytes path = new ByteWriter()
                .bytes(Bytes.ofHex("02010c00d041030a00000000"))
                .bytes(Bytes.ofHex("010106000001"))
                .u16(0x0404)
                .u16(4 + name.length())
                .bytes(name)
                .u16(0xff7f)
                .u16(4)
                .toBytes();
        return new LoadOption(1, description, DevicePath.parse(path), path, Bytes.EMPTY);
    }

    /** Before it tries PXE, as it would otherwise. */
    @Test
    void bootNextStartsHttpBoot() throws IOException {
        String mac = "52:54:00:12:34:56";
        HardwarePath path = HardwarePath.pciRoot().pci(4, 0).networkBoot(mac).byHttp();
        LoadOption option = new LoadOption(1, "lan by HTTP", path.path(), path.toBytes(), Bytes.EMPTY);
        VarStore store = BootConfiguration.setEntry(EmptyStore.of(StoreSize.M4), 0x7a, option);
        Path vars = write(BootConfiguration.setNext(store, 0x7a));
        List<String> card = List.of(
                "-netdev",
                "user,id=lan",
                "-device",
                "virtio-net-pci,netdev=lan,addr=4,romfile=,mac=" + mac,
                "-device",
                "virtio-rng-pci,addr=5");

        try (OvmfMachine machine = OvmfMachine.start(folder, StoreSize.M4, vars, card)) {
            machine.awaitConsole("Start HTTP Boot over IPv4");
            assertThat(machine.console()).doesNotContain("Start PXE");
        }
    }

    /** What the documentation says of a network in the boot order: the firmware's own entries, PXE before HTTP. */
    @Test
    void theFirmwareItselfOffersHttpAfterPxe() throws IOException {
        Path vars = write(EmptyStore.of(StoreSize.M4));
        List<String> card = List.of(
                "-netdev",
                "user,id=lan",
                "-device",
                "virtio-net-pci,netdev=lan,addr=4,romfile=",
                "-device",
                "virtio-rng-pci,addr=5");

        try (OvmfMachine machine = OvmfMachine.start(folder, StoreSize.M4, vars, card)) {
            machine.awaitConsole("Start PXE over IPv4");
        }

        List<String> network = BootConfiguration.of(VarStore.parse(Files.readAllBytes(vars))).entries().stream()
                .map(entry -> entry.option().path().text())
                .filter(text -> text.contains("/MAC("))
                .map(text -> text.replaceFirst(".*/MAC\\([^)]*\\)/(IPv.)\\([^)]*\\)(/Uri)?.*", "$1$2"))
                .toList();
        assertThat(network).containsExactly("IPv4", "IPv6", "IPv4/Uri", "IPv6/Uri");
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
