package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.hypervisor.DiskSize;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.TinyGuest;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowingDisksTest {
    private static final long MIB = 1L << 20;
    private static final String UID = "11111111-2222-3333-4444-555555555555";
    private static final String OWNER = "<u:owner xmlns:u='https://uefivm.io/domain/1' namespace='ns' name='vm' uid='"
            + UID + "' epoch='1' pod='66666666-7777-8888-9999-000000000000'/>";

    @TempDir
    private Path directory;

    private final UUID domain = UUID.randomUUID();
    private final FakeHypervisor hypervisor =
            new FakeHypervisor(new HypervisorFacts("9.0.0", "7.2.0", List.of()), Instant::now);
    private final StableBinds binds = new StableBinds(Path.of("/var/lib/uefivm"), Path.of("/var/lib/libvirt/swtpm"));
    private final GrowingDisks disks = new GrowingDisks(hypervisor, binds);
    private final String image = binds.image(UID, "root", "disk.img").toString();
    private final String device = binds.device(UID, "root").toString();

    @AfterEach
    void close() {
        hypervisor.close();
    }

    /** A VM with that disk, whose claim was expanded. */
    private static UefiVirtualMachine vm(String disk, String capacity) {
        return Serialization.unmarshal("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {namespace: ns, name: vm, uid: %s}
                spec: {memory: {size: 1Gi}, disks: [{name: root, %spersistentVolumeClaim: {claimName: root}}]}
                status: {expandedDisks: [{name: root, claimCapacity: %s}]}
                """.formatted(UID, disk, capacity), UefiVirtualMachine.class);
    }

    /** Its domain runs, with that file or device of that size. */
    private void runs(String path, long bytes, long storageBytes) throws Exception {
        hypervisor.start(TinyGuest.STUBBORN
                .xml(domain.toString(), "ns.vm", OWNER, directory)
                .replace("</devices>", "<disk><source file='" + path + "'/></disk></devices>"));
        hypervisor.disk(path, new DiskSize(bytes, storageBytes));
    }

    private long size(String path) throws Exception {
        return hypervisor.diskSize(domain, path).orElseThrow().bytes();
    }

    @Test
    void anImageGrowsToItsClaimLessWhatTheFileSystemTakes() throws Exception {
        runs(image, 940 * MIB, 940 * MIB);

        assertThat(disks.follow(vm("", "2000Mi"), domain))
                .containsExactly(
                        new Note(false, Reason.DiskGrew, "disks[root]: grew from 940 MiB to 1880 MiB with its claim"));
        assertThat(size(image)).isEqualTo(1880 * MIB);
        assertThat(disks.follow(vm("", "2000Mi"), domain)).as("nothing to do").isEmpty();
    }

    @Test
    void aDeviceIsAsLargeAsItIs() throws Exception {
        runs(device, 1000 * MIB, 2000 * MIB);

        assertThat(disks.follow(vm("bus: sata, ", "2000Mi"), domain))
                .singleElement()
                .satisfies(note ->
                        assertThat(note.message()).contains("from 1000 MiB to 2000 MiB", "after its next cold start"));
        assertThat(size(device)).isEqualTo(2000 * MIB);
    }

    @Test
    void nothingShrinks() throws Exception {
        runs(image, 3000 * MIB, 3000 * MIB);

        assertThat(disks.follow(vm("", "2000Mi"), domain)).isEmpty();
        assertThat(size(image)).isEqualTo(3000 * MIB);
    }

    @Test
    void whatTheGuestCannotWriteToStaysAsItIs() throws Exception {
        runs(image, 940 * MIB, 940 * MIB);

        assertThat(disks.follow(vm("readOnly: true, ", "2000Mi"), domain)).isEmpty();
        assertThat(size(image)).isEqualTo(940 * MIB);
    }

    @Test
    void aDiskThatTheDomainHasNotYetWaitsForTheNextStart() throws Exception {
        runs("/elsewhere", MIB, MIB);

        assertThat(disks.follow(vm("", "2000Mi"), domain)).isEmpty();
    }

    @Test
    void aRefusalIsSaidOnce() throws Exception {
        runs(image + ".of-a-domain-that-libvirt-knows-otherwise", MIB, MIB);

        assertThat(disks.follow(vm("", "2000Mi"), domain)).singleElement().satisfies(note -> {
            assertThat(note.warning()).isTrue();
            assertThat(note.reason()).isEqualTo(Reason.DiskNotGrown);
            assertThat(note.message()).contains("expanded to 2000Mi", "invalid path");
        });
        assertThat(disks.follow(vm("", "2000Mi"), domain)).isEmpty();
    }
}
