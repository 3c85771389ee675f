package io.uefivm.e2e.product;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.uefivm.api.v1alpha1.BootEntry;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DeviceSlot;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What firmware and guest make of disks and network cards of every family, and that these stay where they are. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeviceFamiliesIT extends OnSite {
    private static final String NAME = "families";
    private static final int MIB = 1 << 20;
    private static final String DISKS = """
            {name: data, bus: scsi, persistentVolumeClaim: {claimName: data}},
            {name: image, format: qcow2, persistentVolumeClaim: {claimName: image}},
            {name: root, bus: nvme, bootOrder: 1, persistentVolumeClaim: {claimName: families}},
            {name: stick, bus: usb, persistentVolumeClaim: {claimName: stick}},
            {name: seed, cloudInit: {userDataSecretRef: {name: seed, key: user}, networkData: "version: 2"}},
            {name: answers, answerFile: {xml: <unattend/>}}
            """;
    private static final String NETWORKS = """
            {name: lan, user: {}},
            {name: dmz, macAddress: "52:54:00:12:34:56", user: {}}
            """;

    @TempDir
    private static Path images;

    private static KvmHost first;
    private static KvmHost second;
    private static Map<String, String> places;
    private static List<BootEntry> bootEntries;

    @BeforeAll
    static void bringUpHosts() {
        first = hostUp("kvm-a");
        second = hostUp("kvm-b");
    }

    @Test
    @Order(1)
    void theGuestHasEveryDisk() throws Exception {
        site.disk(NAMESPACE, NAME, GuestImage.get().signed());
        site.disk(NAMESPACE, "data", raw("data"));
        site.disk(NAMESPACE, "stick", raw("stick"));
        site.disk(NAMESPACE, "image", qcow2("image", ""));
        site.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName("seed")
                        .endMetadata()
                        .addToData(
                                "user",
                                Base64.getEncoder().encodeToString("#cloud-config\n# from a Secret\n".getBytes(UTF_8)))
                        .build())
                .create();

        create(NAME, DISKS, "networks: [" + NETWORKS + "]\nnodeSelector: {kubernetes.io/hostname: kvm-a}");
        awaitReady(NAME, 1);
        guestUp(first, NAME, 0);

        try (GuestConsole console = first.console(vm(NAME).get())) {
            places = places(console);
            assertThat(places).containsKeys("nvme root", "sd data", "vd image", "vd seed", "net 52:54:00:12:34:56");
            assertThat(places).containsKey("net " + mac("lan"));
            assertThat(console.run("head -c 4 /dev/sda")).isEqualTo("data");
            assertThat(console.run("cat /sys/class/block/" + device(console, "image") + "/size"))
                    .as("the size within the image, in sectors")
                    .isEqualTo(Integer.toString(16 * MIB / 512));
            console.run("mkdir -p /mnt; mount -t iso9660 -o ro /dev/" + device(console, "seed") + " /mnt");
            assertThat(console.run("cat /mnt/user-data")).isEqualTo("#cloud-config\n# from a Secret");
            assertThat(console.run("cat /mnt/meta-data"))
                    .contains("instance-id: " + status(NAME).identity().uuid(), "local-hostname: " + NAME);
            assertThat(console.run("cat /mnt/network-config")).isEqualTo("version: 2");
        }
    }

    @Test
    @Order(2)
    void theFirmwareFoundThemAllAndBootedTheFirst() {
        patchSpec(NAME, "{\"runStrategy\": \"Halted\"}");
        UefiVirtualMachineStatus stopped = await(NAME, "Stopped", s -> s.phase() == Phase.Stopped);

        bootEntries = stopped.nvram().bootOrder();
        assertThat(bootEntries.get(0).devicePath()).contains("NVMe(");
        assertThat(bootEntries)
                .extracting(BootEntry::devicePath)
                .anySatisfy(path -> assertThat(path).contains("Scsi(0x0,0x0)"));
        assertThat(bootEntries)
                .extracting(BootEntry::devicePath)
                .anySatisfy(path -> assertThat(path).contains("USB("));
        assertThat(bootEntries)
                .filteredOn(entry -> String.valueOf(entry.devicePath()).contains("Sata("))
                .as("the CD-ROM")
                .extracting(BootEntry::description)
                .singleElement()
                .asString()
                .contains("DVD-ROM");
    }

    /** New devices are listed before the old ones, and one of the old ones goes. */
    @Test
    @Order(3)
    void nothingMovesOnAnotherHostWithOtherDevices() throws Exception {
        site.disk(NAMESPACE, "more", raw("more"));
        List<DeviceSlot> before = status(NAME).identity().slots();

        patchSpec(NAME, """
                {"runStrategy": "Always", "nodeSelector": {"kubernetes.io/hostname": "kvm-b"},
                 "networks": [{"name": "added", "user": {}}, {"name": "lan", "user": {}},
                              {"name": "dmz", "macAddress": "52:54:00:12:34:56", "user": {}}],
                 "disks": [{"name": "more", "persistentVolumeClaim": {"claimName": "more"}},
                           {"name": "root", "bus": "nvme", "bootOrder": 1, "persistentVolumeClaim": {"claimName": "families"}},
                           {"name": "image", "format": "qcow2", "persistentVolumeClaim": {"claimName": "image"}},
                           {"name": "data", "bus": "scsi", "persistentVolumeClaim": {"claimName": "data"}},
                           {"name": "seed", "cloudInit": {"userData": "#cloud-config"}}]}
                """);
        UefiVirtualMachineStatus after = awaitReady(NAME, 2);
        assertThat(after.nodeName()).isEqualTo("kvm-b");
        guestUp(second, NAME, 0);

        assertThat(after.identity().slots())
                .containsAll(before.stream()
                        .filter(slot -> !List.of("stick", "answers").contains(slot.name()))
                        .toList());
        try (GuestConsole console = second.console(vm(NAME).get())) {
            Map<String, String> now = places(console);
            assertThat(now).containsAllEntriesOf(places).containsKeys("vd more", "net " + mac("added"));
        }
        patchSpec(NAME, "{\"runStrategy\": \"Halted\"}");
        UefiVirtualMachineStatus stopped = await(NAME, "Stopped again", s -> s.phase() == Phase.Stopped);
        assertThat(stopped.nvram().bootOrder().get(0)).isEqualTo(bootEntries.get(0));
        vm(NAME).delete();
    }

    @Test
    @Order(4)
    void aNetworkThatComesFirstIsBootedFrom() {
        create(
                "netboot",
                "",
                "networks: [{name: lan, user: {}, bootOrder: 1}]\n" + "nodeSelector: {kubernetes.io/hostname: kvm-a}");
        awaitReady("netboot", 1);
        GuestConsole.await(first.consoleLog(vm("netboot").get()), Pattern.compile("Start PXE over IPv4"), 0, BOOT);
        vm("netboot").delete();
    }

    @Test
    @Order(5)
    void anImageThatNamesAnotherFileIsRefused() throws Exception {
        site.disk(NAMESPACE, "chained", qcow2("chained", "/etc/passwd"));
        create("chained", "{name: root, format: qcow2, persistentVolumeClaim: {claimName: chained}}", "");
        assertThat(stalled("chained", Reason.ClaimUnsafe)).contains("backing file", "stands alone");
        vm("chained").delete();
    }

    @Test
    @Order(6)
    void aSecretThatIsNotThereIsNamed() {
        create("seedless", "{name: seed, cloudInit: {userDataSecretRef: {name: nobody, key: user}}}", "");
        assertThat(stalled("seedless", Reason.DiskNotFound))
                .contains("disks[seed].cloudInit.userDataSecretRef", "Secret nobody with key user");
        vm("seedless").delete();
    }

    private static String stalled(String name, Reason reason) {
        return message(await(name, "Stalled", s -> has(s, ConditionType.Stalled, reason)), ConditionType.Stalled);
    }

    /** Where the guest finds each device: the PCI addresses from the root bus on, by kind and serial number. */
    private static Map<String, String> places(GuestConsole console) {
        return console.run("devices")
                .lines()
                .map(line -> line.strip().split(" +"))
                .filter(words -> words.length == 4)
                .collect(Collectors.toMap(
                        words -> (words[0].equals("net") ? "net" : words[1].replaceAll("(nvme|vd|sd).*", "$1")) + " "
                                + words[3],
                        words -> words[2]));
    }

    private static String device(GuestConsole console, String serial) {
        return console.run("devices")
                .lines()
                .map(line -> line.strip().split(" +"))
                .filter(words -> words.length == 4 && words[3].equals(serial))
                .map(words -> words[1])
                .findFirst()
                .orElseThrow(() -> new AssertionError("the guest has no disk " + serial));
    }

    private static String mac(String network) {
        return Objects.requireNonNull(status(NAME).identity()).macAddresses().stream()
                .filter(mac -> mac.network().equals(network))
                .findFirst()
                .orElseThrow()
                .address();
    }

    /** A disk of 16 MiB that begins with its name. */
    private static Path raw(String name) throws IOException {
        Path image = images.resolve(name);
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(16L * MIB);
            file.writeBytes(name);
        }
        return image;
    }

    private static Path qcow2(String name, String backingFile) throws Exception {
        Path image = images.resolve(name);
        var command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        if (!backingFile.isEmpty()) {
            command.addAll(List.of("-u", "-F", "raw", "-b", backingFile));
        }
        command.addAll(List.of(image.toString(), "16M"));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor())
                .as("qemu-img; install it with: apt-get install -y qemu-utils")
                .isZero();
        assertThat(Files.size(image)).isPositive();
        return image;
    }
}
