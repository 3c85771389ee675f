package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uefivm.agent.hypervisor.PrivateLibvirt;
import io.uefivm.agent.hypervisor.PrivateLibvirt.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The rendered domains before a real libvirt and a real QEMU. */
@Tag("libvirt")
class RealLibvirtTest {
    private static final String DOMAIN = "lab.sample";
    private static final Pattern ROOT_PORT =
            Pattern.compile("<controller type='pci' index='(\\d+)' model='pcie-root-port'>");
    private static final Pattern DEVICE_BUS =
            Pattern.compile("<address type='pci' domain='0x0000' bus='0x([0-9a-f]{2})'");

    /** What came of each sample, for e2e/on-debian-13.sh to show. */
    private static final Path TABLE = Path.of("target/samples-on-libvirt.txt");

    private static final Map<String, String> TRIED = new TreeMap<>();

    private static PrivateLibvirt libvirt;

    @BeforeAll
    static void startLibvirt() {
        libvirt = PrivateLibvirt.start();
    }

    @AfterAll
    static void endLibvirt() throws IOException {
        if (libvirt != null) {
            writeTable();
            libvirt.close();
        }
    }

    @AfterEach
    void removeDomain() {
        libvirt.virsh("destroy", DOMAIN);
        libvirt.virsh("undefine", "--nvram", "--tpm", DOMAIN);
    }

    static Set<String> samples() {
        return SampleVms.all().keySet();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void takesEverySample(String sample) {
        DomainInput input = SampleVms.all().get(sample);
        if (input.accelerator() == Accelerator.KVM) {
            assumeKvm();
        }

        define(DomainXml.render(input));

        assertThat(DomainMetadata.parse(dump())).contains(input.owner());
        TRIED.putIfAbsent(sample, "defined");
    }

    static List<String> emulatedSamples() {
        return SampleVms.all().entrySet().stream()
                .filter(sample -> sample.getValue().accelerator() == Accelerator.TCG)
                .map(Map.Entry::getKey)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("emulatedSamples")
    void startsEverySampleThatIsEmulated(String sample) throws IOException {
        DomainInput input = SampleVms.all().get(sample);
        assumeTrue(input.spec().vsock() == null || hasVsocks(), "this machine has no /dev/vhost-vsock");

        startPaused(input);

        assertThat(libvirt.virsh("domstate", DOMAIN).text()).contains("paused");
        TRIED.put(sample, "started");
    }

    @Test
    void refusesWhatIsNotInItsSchema() {
        String xml = DomainXml.render(SampleVms.minimalLinux(Accelerator.TCG)).replace("<acpi/>", "<warp-drive/>");

        assertThat(libvirt.virsh("define", "--validate", libvirt.file(xml)).succeeded())
                .isFalse();
    }

    @Test
    void startsASecureBootGuestWithEverythingOnIt() throws IOException {
        DomainInput input = SampleVms.minimalLinux(Accelerator.TCG);

        startPaused(input);

        String xml = dump();
        assertThat(DomainMetadata.parse(xml)).contains(input.owner());
        assertThat(freeRootPorts(xml)).hasSizeGreaterThanOrEqualTo(RootPorts.SPARE);
        assertThat(libvirt.virsh("domstate", DOMAIN).text()).contains("paused");
        assertThat(monitor("info qtree")).contains("cfi.pflash01", "secure = true");
        assertThat(libvirt.virsh("vncdisplay", DOMAIN).text()).startsWith("127.0.0.1:");
    }

    /**
     * What the operator adds to a pod's memory, see MemoryOverhead there: with the firmware up and its screen drawn, beyond
     * the guest's own memory and the code that only an emulator translates.
     */
    @Test
    void qemuAndSwtpmTakeNoMoreThanAPodAsksForThem() throws IOException {
        DomainInput input = SampleVms.minimalLinux(Accelerator.TCG);
        startPaused(input);
        Path console = libvirt.path(input.consoleLogPath());
        libvirt.virsh("resume", DOMAIN);
        await("the firmware is up").atMost(Duration.ofMinutes(10)).until(() -> Files.size(console) > 0);

        // What an emulator keeps of its guest's page tables grows with what the guest does, and shrinks again.
        await("it has settled").atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            double qemu = MemoryMap.of(
                            libvirt.processes("guest=" + DOMAIN + ",").get(0))
                    .withoutGuest(input.spec().memory().bytes())
                    .residentMib();
            assertThat(qemu).as("QEMU, MiB beyond its guest's").isBetween(8.0, 64.0 + 8 + 32);
        });
        double swtpm = MemoryMap.of(libvirt.processes("swtpm socket").get(0)).residentMib();
        assertThat(swtpm).as("swtpm, MiB").isBetween(1.0, 24.0);
    }

    @ParameterizedTest
    @EnumSource(Accelerator.class)
    void findsAPortForEveryDiskOnEveryBus(Accelerator accelerator) throws IOException {
        if (accelerator == Accelerator.KVM) {
            assumeKvm();
        }
        DomainInput input = SampleVms.vm(everyBus(), accelerator);

        define(DomainXml.render(input));

        String xml = dump();
        assertThat(freeRootPorts(xml)).hasSizeGreaterThanOrEqualTo(RootPorts.SPARE);
        assertThat(xml).doesNotContain("pcie-to-pci-bridge", "model='lsilogic'", "model='virtio-transitional'");
    }

    @Test
    void startsWithDisksOnEveryBus() throws IOException {
        DomainInput input = SampleVms.vm(everyBus(), Accelerator.TCG);

        startPaused(input);

        assertThat(freeRootPorts(dump())).hasSizeGreaterThanOrEqualTo(RootPorts.SPARE);
        assertThat(monitor("info block"))
                .contains("disks/virtio1/disk.img", "disks/sata8/disk.img", "disks/nvme2/disk.img");
        assertThat(monitor("info qtree")).contains("dev: nvme, id \"ua-nvme1\"", "dev: nvme, id \"ua-nvme2\"");
    }

    @Test
    void opensDisksAsTheSpecSays() throws IOException {
        startPaused(SampleVms.tunedDisks());

        assertThat(monitor("info block"))
                .containsPattern("disks/root/disk.img[^\\n]*\\n[^\\n]*\\n\\s*Cache mode: *writethrough\\R")
                .containsPattern("disks/log/disk.img[^\\n]*\\n[^\\n]*\\n\\s*Cache mode: *writeback, direct\\R");
        assertThat(monitor("info iothreads")).contains("iothread1", "iothread2").doesNotContain("iothread3");
        assertThat(monitor("info qtree")).containsPattern("share-rw = true");
        assertThat(libvirt.virsh("iothreadinfo", DOMAIN).succeeded()).isTrue();
    }

    @Test
    void startsWithAWatchdog() throws IOException {
        startPaused(SampleVms.vm("---\n{memory: {size: 1Gi}, watchdog: {action: poweroff}}", Accelerator.TCG));

        assertThat(monitor("info qtree")).containsPattern("dev: i6300esb, id \"watchdog0\"\\s+addr = 18.0");
        assertThat(dump()).contains("action='poweroff'").doesNotContain("pcie-to-pci-bridge");
        assertThat(freeRootPorts(dump())).hasSizeGreaterThanOrEqualTo(RootPorts.SPARE);
    }

    @Test
    void startsWithAVsockWhereTheHostHasThem() throws IOException {
        DomainInput input = SampleVms.watched();
        if (hasVsocks()) {
            startPaused(input);
            assertThat(dump()).containsPattern("<cid auto='yes' address='[0-9]+'/>");
            assertThat(monitor("info qtree")).contains("dev: vhost-vsock-pci");
        } else {
            // What placement spares the VM.
            assertThat(createPaused(input).text()).contains("unable to open vhost-vsock device");
        }
    }

    @Test
    void leavesThePortsOfPassedThroughSlotsToThem() {
        assumeKvm();
        define(DomainXml.render(SampleVms.gpuWorkstation()));

        String xml = dump();
        assertThat(freeRootPorts(xml)).hasSizeGreaterThanOrEqualTo(RootPorts.SPARE);
        assertThat(Pattern.compile("bus='0x0c' slot='0x00' function='0x[01]'")
                        .matcher(xml)
                        .results()
                        .count())
                .isEqualTo(2);
    }

    /** Why there is {@link NvmeOverride}; fails once libvirt can do it. */
    @Test
    void hasNoEmulatedNvme() {
        String xml = DomainXml.render(SampleVms.minimalLinux(Accelerator.TCG))
                .replace("<target dev=\"vda\" bus=\"virtio\"/>", "<target dev=\"nvme0n1\" bus=\"nvme\"/>");

        assertThat(libvirt.virsh("define", "--validate", libvirt.file(xml)).succeeded())
                .isFalse();
    }

    private static void writeTable() throws IOException {
        String versions = libvirt.virsh("version", "--daemon")
                .text()
                .lines()
                .filter(line -> line.startsWith("Running"))
                .collect(Collectors.joining(", "));
        String table = samples().stream()
                .map(sample -> "  %-22s %s%n".formatted(sample, TRIED.getOrDefault(sample, "-")))
                .collect(Collectors.joining());
        Files.writeString(TABLE, versions + System.lineSeparator() + table);
    }

    private static boolean hasVsocks() {
        return Files.exists(Path.of("/dev/vhost-vsock"));
    }

    private static void assumeKvm() {
        assumeTrue(
                libvirt.virsh("domcapabilities", "--virttype", "kvm").succeeded(),
                "this machine has no /dev/kvm, without which libvirt refuses a domain of type kvm");
    }

    private static void define(String xml) {
        Answer answer = libvirt.virsh("define", "--validate", libvirt.file(xml));
        assertThat(answer.succeeded()).as("%s%n%s", answer.text(), xml).isTrue();
    }

    /** Starts the domain with its CPUs stopped; QEMU has then taken every option and opened every file. */
    private static void startPaused(DomainInput input) throws IOException {
        Answer answer = createPaused(input);
        assertThat(answer.succeeded())
                .as("%s%n%s", answer.text(), DomainXml.render(input))
                .isTrue();
    }

    private static Answer createPaused(DomainInput input) throws IOException {
        new SampleFiles(libvirt).create(input);
        return libvirt.virsh("create", "--paused", "--validate", libvirt.file(DomainXml.render(input)));
    }

    private static String dump() {
        return libvirt.virsh("dumpxml", DOMAIN).text();
    }

    private static String monitor(String command) {
        return libvirt.virsh("qemu-monitor-command", "--hmp", DOMAIN, command).text();
    }

    /** Root ports to which libvirt gave no device. */
    private static List<Integer> freeRootPorts(String xml) {
        var free = new ArrayList<Integer>();
        Matcher port = ROOT_PORT.matcher(xml);
        while (port.find()) {
            free.add(Integer.valueOf(port.group(1)));
        }
        Matcher bus = DEVICE_BUS.matcher(xml);
        while (bus.find()) {
            free.remove(Integer.valueOf(bus.group(1), 16));
        }
        return free;
    }

    /** More SATA disks than one controller has ports, more SCSI disks than a bus has narrow units, and all else. */
    private static String everyBus() {
        return "memory: {size: 1Gi}\nnetworks: [{name: out, user: {}}, {name: e, user: {}, model: e1000e}]\ndisks:\n"
                + disks("virtio", 3, ", bus: virtio")
                + disks("scsi", 9, ", bus: scsi")
                + disks("sata", 8, ", bus: sata")
                + disks("dvd", 2, ", cdrom: {}")
                + disks("usb", 3, ", bus: usb")
                + disks("usbdvd", 2, ", cdrom: {bus: usb}")
                + disks("nvme", 2, ", bus: nvme")
                + disks("ro", 1, ", readOnly: true");
    }

    private static String disks(String name, int count, String attachment) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number ->
                        "- {name: " + name + number + attachment + ", persistentVolumeClaim: {claimName: c}}\n")
                .collect(Collectors.joining());
    }
}
