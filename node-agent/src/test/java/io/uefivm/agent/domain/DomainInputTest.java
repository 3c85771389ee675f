package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.domain.DiskSource.BlockDisk;
import io.uefivm.agent.domain.DiskSource.FileDisk;
import io.uefivm.api.v1alpha1.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DomainInputTest {
    private static final DomainInput GPU = SampleVms.gpuWorkstation();

    @Test
    void needsASourceForEveryDisk() {
        assertThatThrownBy(() -> input(GPU.identity(), "pc-q35-7.2", GPU.nvramPath(), Map.of(), GPU.devices()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("disks lacks 'root'");
    }

    @Test
    void needsAnAddressForEveryNetwork() {
        var identity =
                new Identity(GPU.identity().uuid(), List.of(), GPU.identity().slots());

        assertThatThrownBy(() -> input(identity, "pc-q35-7.2", GPU.nvramPath(), GPU.disks(), GPU.devices()))
                .hasMessageStartingWith("identity.macAddresses lacks 'lan'");
    }

    @Test
    void needsAPlaceForEveryDevice() {
        var identity = new Identity(GPU.identity().uuid(), GPU.identity().macAddresses(), List.of());

        assertThatThrownBy(() -> input(identity, "pc-q35-7.2", GPU.nvramPath(), GPU.disks(), GPU.devices()))
                .hasMessageStartingWith("identity.slots lacks 'root'");
    }

    @Test
    void needsAUuid() {
        var identity = new Identity(
                "nobody", GPU.identity().macAddresses(), GPU.identity().slots());

        assertThatThrownBy(() -> input(identity, "pc-q35-7.2", GPU.nvramPath(), GPU.disks(), GPU.devices()))
                .hasMessage("identity.uuid must be a UUID, not 'nobody'");
    }

    @Test
    void needsTheFunctionsOfEveryDevice() {
        assertThatThrownBy(() -> input(GPU.identity(), "pc-q35-7.2", GPU.nvramPath(), GPU.disks(), Map.of()))
                .hasMessageStartingWith("devices lacks 'gpu'");
    }

    @Test
    void takesNoAliasOfAMachineThatChangesUnderTheGuest() {
        assertThatThrownBy(() -> input(GPU.identity(), "q35", GPU.nvramPath(), GPU.disks(), GPU.devices()))
                .hasMessage("machineType must be a versioned Q35 machine such as pc-q35-7.2, not 'q35'");
    }

    @Test
    void takesNoPathThatDependsOnWhereLibvirtRuns() {
        assertThatThrownBy(
                        () -> input(GPU.identity(), "pc-q35-7.2", Optional.of("vars.fd"), GPU.disks(), GPU.devices()))
                .hasMessage("nvramPath must be an absolute path of the host, not 'vars.fd'");
        assertThatThrownBy(() -> new FileDisk("disk.img", true)).hasMessageContaining("path of a disk image");
        assertThatThrownBy(() -> new BlockDisk("sda")).hasMessageContaining("path of a block device");
        assertThatThrownBy(() -> new Loader("code.fd", "/vars.fd", true)).hasMessageContaining("loader.codePath");
        assertThatThrownBy(() -> new Loader("/code.fd", "vars.fd", true)).hasMessageContaining("varsTemplatePath");
    }

    @Test
    void variablesGoWithTheLayout() {
        assertThatThrownBy(() -> input(GPU.identity(), "pc-q35-7.2", Optional.empty(), GPU.disks(), GPU.devices()))
                .hasMessage("nvramPath does not go with firmware.layout Split");
    }

    private static DomainInput input(
            Identity identity,
            String machineType,
            Optional<String> nvramPath,
            Map<String, DiskSource> disks,
            Map<String, HostDevice> devices) {
        return new DomainInput(
                GPU.owner(),
                identity,
                GPU.spec(),
                GPU.accelerator(),
                machineType,
                GPU.loader(),
                nvramPath,
                disks,
                devices,
                GPU.consoleLogPath());
    }
}
