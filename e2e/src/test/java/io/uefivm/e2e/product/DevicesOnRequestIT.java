package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.ExpandedDisk;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a guest sees of a watchdog and of a disk whose claim is expanded, and that a vsock needs a host that has it. */
class DevicesOnRequestIT extends OnSite {
    private static final String NAME = "grower";
    private static final int MIB = 1 << 20;
    private static final int SECTORS_PER_MIB = MIB / 512;
    private static final Quantity EXPANDED = Quantity.parse("2Gi");
    /** 94 % of it. */
    private static final int EXPANDED_MIB = 1925;

    @TempDir
    private static Path images;

    private static KvmHost host;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
    }

    @Test
    void theGuestSeesItsDiskGrowWithItsClaim() throws IOException {
        Path image = images.resolve("data");
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(16L * MIB);
        }
        Path data = site.disk(NAMESPACE, "data", image);
        site.disk(NAMESPACE, NAME, GuestImage.get().signed());
        create(
                NAME,
                "{name: root, persistentVolumeClaim: {claimName: grower}},"
                        + " {name: data, ioThread: true, persistentVolumeClaim: {claimName: data}}",
                "watchdog: {}");
        awaitReady(NAME, 1);
        guestUp(host, NAME, 0);

        try (GuestConsole console = host.console(vm(NAME).get())) {
            console.run("devices");
            assertThat(console.run("cat /sys/bus/pci/devices/0000:00:18.0/device"))
                    .as("the watchdog, Intel's 6300ESB")
                    .isEqualTo("0x25ab");
            assertThat(console.run("cat /sys/class/block/vdb/size")).isEqualTo(sectors(16));

            expand("data");

            Awaitility.await("the guest's disk")
                    .atMost(STEP)
                    .until(() -> console.run("cat /sys/class/block/vdb/size"), sectors(EXPANDED_MIB)::equals);
        }
        assertThat(Files.size(data)).isEqualTo((long) EXPANDED_MIB * MIB);
        Awaitility.await("the event")
                .atMost(STEP)
                .untilAsserted(() -> assertThat(events(NAME))
                        .filteredOn(event -> Reason.DiskGrew.name().equals(event.getReason()))
                        .singleElement()
                        .satisfies(event ->
                                assertThat(event.getNote()).contains("disks[data]: grew from 16 MiB to 1925 MiB")));
        assertThat(status(NAME).expandedDisks()).containsExactly(new ExpandedDisk("data", "2Gi"));
        assertThat(status(NAME).epoch()).isEqualTo(1);
        vm(NAME).delete();
    }

    private static String sectors(int mebibytes) {
        return Integer.toString(mebibytes * SECTORS_PER_MIB);
    }

    /** As Kubernetes does once the volume and its file system are larger. */
    private static void expand(String claim) {
        site.client()
                .persistentVolumeClaims()
                .inNamespace(NAMESPACE)
                .withName(claim)
                .editStatus(now -> new PersistentVolumeClaimBuilder(now)
                        .editOrNewStatus()
                        .addToCapacity("storage", EXPANDED)
                        .addToAllocatedResources("storage", EXPANDED)
                        .endStatus()
                        .build());
    }

    /** Armed past any driver, which the guest's kernel may lack; Secure Boot would not let root do that. */
    @Test
    void aGuestThatFeedsItsWatchdogNoMoreBootsAnew() {
        createSigned("hung", "watchdog: {}\nfirmware: {secureBoot: Disabled}\ntpm: {enabled: false}");
        awaitReady("hung", 1);
        guestUp(host, "hung", 0);
        int before = consoleLength(host, "hung");

        try (GuestConsole console = host.console(vm("hung").get())) {
            leave(console, configure("\\x04\\x00", 0x60) + "; " + configure("\\x02", 0x68));
        }

        guestUp(host, "hung", before);
        Awaitility.await("the event")
                .atMost(STEP)
                .untilAsserted(() -> assertThat(eventReasons("hung")).containsOnlyOnce(Reason.WatchdogFired.name()));
        assertThat(status("hung").epoch()).isEqualTo(1);
        vm("hung").delete();
    }

    /** Ticks of 1 us and reboot, or enabled: the registers of the 6300ESB. */
    private static String configure(String value, int register) {
        int bytes = value.length() / 4;
        return "printf '%s' | dd of=/sys/bus/pci/devices/0000:00:18.0/config bs=%d seek=%d conv=notrunc"
                .formatted(value, bytes, register / bytes);
    }

    @Test
    void aVsockNeedsAHostThatHasIt() {
        createSigned("socket", "vsock: {}");
        if (Files.exists(Path.of("/dev/vhost-vsock"))) {
            assertThat(awaitReady("socket", 1).domain().vsockCid()).isGreaterThan(2);
        } else {
            UefiVirtualMachineStatus status =
                    await("socket", "NoSuitableHost", s -> has(s, ConditionType.Ready, Reason.NoSuitableHost));
            assertThat(message(status, ConditionType.Ready)).contains("no vsock", "vhost_vsock");
        }
        vm("socket").delete();
    }
}
