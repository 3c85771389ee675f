package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What does not run, and what its status says: a typed reason, the cause and the remedy. */
class RefusalIT extends OnSite {
    private static KvmHost host;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
    }

    @Test
    void anUnsignedLoaderDoesNotBootAndTheConditionSaysSo() {
        create("unsigned", GuestImage.get().unsigned(), "");
        awaitReadyOrBlocked("unsigned");
        UefiVirtualMachineStatus status =
                await("unsigned", "BootBlocked", s -> has(s, ConditionType.SecureBootEnforcing, Reason.BootBlocked));
        assertThat(message(status, ConditionType.SecureBootEnforcing))
                .contains("Secure Boot refused the boot loader", "signed loader");
        await("unsigned", "not Ready", s -> !is(s, ConditionType.Ready, "True"));
        vm("unsigned").delete();
    }

    private static void awaitReadyOrBlocked(String name) {
        await(name, "a domain", s -> s.domain() != null);
    }

    @Test
    void aMissingClaimIsNamedAndTheVmStartsOnceItIsThere() {
        create("claimless", "{name: root, persistentVolumeClaim: {claimName: not-there}}", "");
        UefiVirtualMachineStatus status =
                await("claimless", "ClaimNotFound", s -> has(s, ConditionType.Ready, Reason.ClaimNotFound));
        assertThat(message(status, ConditionType.Ready)).contains("not-there");
        site.disk(NAMESPACE, "not-there", GuestImage.get().signed());
        awaitReady("claimless", 1);
        vm("claimless").delete();
    }

    @Test
    void aMachineTypeThatNoHostHasIsNamed() {
        createSigned("future", "machineType: pc-q35-99.0");
        UefiVirtualMachineStatus status =
                await("future", "NoSuitableHost", s -> has(s, ConditionType.Ready, Reason.NoSuitableHost));
        assertThat(message(status, ConditionType.Ready)).contains("pc-q35-99.0");
        vm("future").delete();
    }

    @Test
    void aDiskWithoutAnImageIsNamed() {
        site.claim(NAMESPACE, "empty");
        create("diskless", "{name: root, persistentVolumeClaim: {claimName: empty}}", "");
        UefiVirtualMachineStatus status = awaitStalled("diskless", Reason.DiskNotFound);
        assertThat(message(status, ConditionType.Stalled)).contains("disk.img", "empty");
        vm("diskless").delete();
    }

    @Test
    void aLinkPlantedAsTheDiskIsRefused() throws IOException {
        Path disk = site.disk(NAMESPACE, "planted", GuestImage.get().signed());
        Files.delete(disk);
        Files.createSymbolicLink(disk, Path.of("/etc/shadow"));
        create("planted", "{name: root, persistentVolumeClaim: {claimName: planted}}", "");
        UefiVirtualMachineStatus status = awaitStalled("planted", Reason.ClaimUnsafe);
        assertThat(message(status, ConditionType.Stalled)).contains("disk.img");
        assertThat(domains(host)).doesNotContain("default.planted");
        vm("planted").delete();
    }

    @Test
    void aNameOfSixtyThreeCharactersWorks() {
        String name = "n" + "a".repeat(61) + "z";
        createSigned(name, "");
        awaitReady(name, 1);
        assertThat(domains(host)).contains("default." + name);
        vm(name).delete();
    }

    @Test
    void aLinkPlantedInTheNvramClaimIsRefused() {
        damaged("nvram-link", Reason.ClaimUnsafe, directory -> {
            Path generations = directory.resolve("generations");
            replace(generations, () -> Files.createSymbolicLink(generations, Path.of("/etc")));
        });
    }

    @Test
    void anUnreadableStoreIsKeptAndRefused() {
        damaged(
                "nvram-garbage",
                Reason.NvramUnreadable,
                directory -> generations(directory).forEach(file -> {
                    try {
                        Files.writeString(file, "garbage");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
    }

    /** Storage of its own for this claim, of which a guest's NVRAM alone leaves little. */
    @Test
    void aClaimThatIsFullIsRefusedAndNothingIsLost() throws IOException {
        PersistentVolumeClaim claim = site.claim(NAMESPACE, "small-nvram");
        String directory = site.directory(claim).toString();
        host.libvirt().run("mount", "-t", "tmpfs", "-o", "size=2m,mode=777", "small", directory);
        createSigned("full", "terminationGracePeriodSeconds: 1\nnvram: {sharedClaim: small-nvram}");
        UefiVirtualMachineStatus running = awaitReady("full", 1);
        guestUp(host, "full", 0);
        try (GuestConsole console = host.console(vm("full").get())) {
            console.run("efivar-write UefivmTest 01");
        }
        fill(directory);
        patchSpec("full", "{\"runStrategy\": \"Halted\"}");
        UefiVirtualMachineStatus stopped = await("full", "Stopped", s -> s.phase() == Phase.Stopped);
        assertThat(has(stopped, ConditionType.NvramReady, Reason.ClaimTooSmall)).isTrue();
        assertThat(stopped.nvram().generation()).isEqualTo(running.nvram().generation());

        patchSpec("full", "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus refused = awaitStalled("full", Reason.ClaimTooSmall);
        assertThat(message(refused, ConditionType.Stalled)).contains("claim is full", "bytes are free", "larger");
        assertThat(domains(host)).doesNotContain("default.full");

        host.libvirt().run("rm", directory + "/filler");
        patchSpec("full", "{\"terminationGracePeriodSeconds\": 2}");
        await("full", "Ready", s -> is(s, ConditionType.Ready, "True"));
        guestUp(host, "full", 0);
        try (GuestConsole console = host.console(vm("full").get())) {
            assertThat(console.run("efivar-read UefivmTest"))
                    .as("what the epoch wrote whose commit found no room")
                    .isEqualTo("01");
        }
        vm("full").delete();
    }

    private static void fill(String directory) throws IOException {
        host.libvirt().run("sh", "-c", "cat /dev/zero > " + directory + "/filler 2>/dev/null; true");
    }

    /** A VM that ran and was stopped, whose claim is then damaged before its next start. */
    private static void damaged(String name, Reason expected, Consumer<Path> damage) {
        createSigned(name, "terminationGracePeriodSeconds: 1");
        awaitReady(name, 1);
        patchSpec(name, "{\"runStrategy\": \"Halted\"}");
        UefiVirtualMachineStatus stopped = await(name, "Stopped", s -> s.phase() == Phase.Stopped);
        Path claim = site.directory(site.claim(NAMESPACE, stopped.nvram().claimName()));
        damage.accept(
                claim.resolve("uefivm").resolve(vm(name).get().getMetadata().getUid()));
        patchSpec(name, "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus status = awaitStalled(name, expected);
        assertThat(message(status, ConditionType.Stalled)).isNotBlank();
        assertThat(domains(host)).doesNotContain("default." + name);
        vm(name).delete();
    }

    private interface Replacement {
        void make() throws IOException;
    }

    private static void replace(Path directory, Replacement replacement) {
        try {
            Files.move(directory, directory.resolveSibling("moved-away"));
            replacement.make();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> generations(Path directory) {
        try (Stream<Path> files = Files.list(directory.resolve("generations"))) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
