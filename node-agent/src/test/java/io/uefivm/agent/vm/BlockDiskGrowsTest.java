package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.hypervisor.DiskSize;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.LibvirtHypervisor;
import io.uefivm.agent.hypervisor.PrivateLibvirt;
import io.uefivm.agent.hypervisor.TinyGuest;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A claim in Block mode is enlarged below a running guest: a real libvirt and QEMU with a loop device. */
@Tag("libvirt")
class BlockDiskGrowsTest {
    private static final long MIB = 1L << 20;
    private static final String UID = "11111111-2222-3333-4444-555555555555";

    private final UUID domain = UUID.randomUUID();
    private final PrivateLibvirt libvirt = PrivateLibvirt.start();
    private final Hypervisor hypervisor = LibvirtHypervisor.connect(libvirt.uri(), libvirt.hostRoot());
    private final StableBinds binds = new StableBinds(
            libvirt.scratch().resolve("state"), libvirt.scratch().resolve("swtpm"));
    private final Path storage = libvirt.scratch().resolve("storage.img");
    private String loop = "";

    @BeforeEach
    void attach() throws Exception {
        enlarge(64 * MIB);
        loop = run("losetup", "--find", "--show", storage.toString());
    }

    @AfterEach
    void detach() throws Exception {
        try (libvirt) {
            hypervisor.destroy(domain);
            hypervisor.close();
            if (!loop.isEmpty()) {
                run("losetup", "--detach", loop);
            }
        }
    }

    private void enlarge(long bytes) throws IOException {
        try (var file = new RandomAccessFile(storage.toFile(), "rw")) {
            file.setLength(bytes);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }

    @Test
    void theDiskOfARunningGuestFollowsItsDevice() throws Exception {
        // Where the agent binds the device; QEMU follows the link as it would the bind.
        Path device = binds.device(UID, "root");
        Files.createDirectories(device.getParent());
        Files.createSymbolicLink(device, Path.of(loop));
        hypervisor.start(TinyGuest.STUBBORN
                .xml(domain.toString(), "ns.vm", "", libvirt.scratch())
                .replace("</devices>", """
                        <disk type='block' device='disk'>
                          <driver name='qemu' type='raw' cache='none' io='native'/>
                          <source dev='%s'/>
                          <target dev='vda' bus='virtio'/>
                        </disk></devices>
                        """.formatted(device)));
        var disks = new GrowingDisks(hypervisor, binds);
        assertThat(hypervisor.diskSize(domain, device.toString())).contains(new DiskSize(64 * MIB, 64 * MIB));

        enlarge(96 * MIB);
        run("losetup", "--set-capacity", loop);

        assertThat(disks.follow(vm(), domain))
                .containsExactly(
                        new Note(false, Reason.DiskGrew, "disks[root]: grew from 64 MiB to 96 MiB with its claim"));
        assertThat(hypervisor.diskSize(domain, device.toString())).contains(new DiskSize(96 * MIB, 96 * MIB));
        assertThat(disks.follow(vm(), domain)).as("nothing to do any more").isEmpty();
    }

    private static UefiVirtualMachine vm() {
        return Serialization.unmarshal("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {namespace: ns, name: vm, uid: %s}
                spec: {memory: {size: 1Gi}, disks: [{name: root, persistentVolumeClaim: {claimName: root}}]}
                status: {expandedDisks: [{name: root, claimCapacity: 96Mi}]}
                """.formatted(UID), UefiVirtualMachine.class);
    }
}
