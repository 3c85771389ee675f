package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.volume.ClaimLookup;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.agent.volume.VolumeException;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RomsTest {
    private static final String UID = "5f0e4b7c-0000-4000-8000-000000000001";
    private static final String POD = "66666666-7777-8888-9999-000000000000";
    private static final byte[] ROM = {0x55, (byte) 0xaa, 1, 2, 3};
    private static final String FROM_CLAIM = "{persistentVolumeClaim: {claimName: roms, file: card.rom}}";
    private static final String FROM_CONFIG_MAP = "{configMapKeyRef: {name: roms, key: card.rom}}";

    @TempDir
    private Path host;

    private Path claim;
    private Path projected;

    @BeforeEach
    void host() throws IOException {
        claim = Files.createDirectories(host.resolve("srv/roms"));
        Path volume = host.resolve("kubelet/pods/" + POD + "/volumes/kubernetes.io~projected/firmware");
        projected = Files.createDirectories(volume.resolve("..2026/roms"));
        Files.createSymbolicLink(volume.resolve("..data"), Path.of("..2026"));
    }

    /** One claim, which a hostPath volume is behind. */
    private static final class OneClaim implements ClaimLookup {
        @Override
        public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
            return Optional.of(Serialization.unmarshal(
                    "---\n{metadata: {name: roms, uid: c}, spec: {volumeName: pv}}", PersistentVolumeClaim.class));
        }

        @Override
        public Optional<PersistentVolume> volume(String name) {
            return Optional.of(Serialization.unmarshal(
                    "---\n{metadata: {name: pv}, spec: {hostPath: {path: /srv/roms}, claimRef: {uid: c}}}",
                    PersistentVolume.class));
        }
    }

    private Map<String, String> roms(String rom) throws Exception {
        var vm = Serialization.unmarshal("""
                metadata: {uid: %s}
                spec:
                  memory: {size: 1Gi}
                  devices:
                  - {name: gpu, pci: {address: '0000:01:00'}, rom: %s}
                  - {name: nic, pci: {address: '0000:02:00'}}
                """.formatted(UID, rom), UefiVirtualMachine.class);
        var pod = Serialization.unmarshal("""
                metadata: {namespace: lab, uid: %s}
                spec: {volumes: [{name: rom-gpu, persistentVolumeClaim: {claimName: roms}}]}
                """.formatted(POD), Pod.class);
        return new Roms(
                        new PodVolumes(host, host.resolve("kubelet"), new OneClaim()),
                        new StableBinds(host.resolve("state"), host.resolve("swtpm")))
                .of(vm, pod);
    }

    private void assertCopied(String rom) throws Exception {
        Path copy = host.resolve("state/" + UID + "/roms/gpu.rom");
        assertThat(roms(rom)).isEqualTo(Map.of("gpu", copy.toString()));
        assertThat(copy).hasBinaryContent(ROM);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .as("libvirt does not give it to QEMU's user")
                .isEqualTo("rw-r--r--");
    }

    @Test
    void copiesAFileOfAClaim() throws Exception {
        Files.write(claim.resolve("card.rom"), ROM);
        assertCopied(FROM_CLAIM);
        assertCopied(FROM_CLAIM);
    }

    @Test
    void copiesAnEntryOfAConfigMap() throws Exception {
        Files.write(projected.resolve("gpu"), ROM);
        assertCopied(FROM_CONFIG_MAP);
    }

    @Test
    void saysWhatIsNotThere() {
        assertRefused(FROM_CONFIG_MAP, "devices[gpu].rom: ConfigMap roms, key card.rom does not exist");
        assertThatThrownBy(() -> roms(FROM_CLAIM))
                .isInstanceOfSatisfying(
                        VolumeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DeviceUnavailable))
                .hasMessage("Claim roms has no file card.rom.");
    }

    @Test
    void followsNoLinkOutOfTheClaim() throws Exception {
        Path secret = Files.write(host.resolve("secret"), ROM);
        Files.createSymbolicLink(claim.resolve("card.rom"), secret);

        assertThatThrownBy(() -> roms(FROM_CLAIM))
                .isInstanceOfSatisfying(
                        VolumeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ClaimUnsafe));
    }

    @Test
    void refusesWhatIsNoExpansionRom() throws Exception {
        Files.writeString(claim.resolve("card.rom"), "NVGI and so on");
        assertRefused(FROM_CLAIM, "devices[gpu].rom: it does not begin with 55 aa");
        Files.write(claim.resolve("card.rom"), new byte[0]);
        assertRefused(FROM_CLAIM, "devices[gpu].rom: it does not begin with 55 aa");
    }

    private void assertRefused(String rom, String message) {
        assertThatThrownBy(() -> roms(rom))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.reason()).isEqualTo(Reason.DeviceUnavailable))
                .hasMessageContaining(message);
    }
}
