package io.uefivm.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lab itself, without the product: what a test of the product sees must not be the lab's fault. */
@Tag("guest")
class GuestTest {
    /** A minute on a machine with nothing else to do. */
    private static final Duration BOOT = Duration.ofMinutes(10);

    private static final String NAME = "lab.guest";
    private static final String HOME = "/var/lib/uefivm/guest";

    /** As the product's domains in all that matters here, with TCG, which every machine has. */
    private static final String DOMAIN = """
            <domain type='qemu'>
              <name>%s</name>
              <uuid>%s</uuid>
              <memory unit='MiB'>512</memory>
              <vcpu>1</vcpu>
              <os>
                <type arch='x86_64' machine='q35'>hvm</type>
                <loader readonly='yes' type='pflash' secure='yes'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>
                <nvram template='/usr/share/OVMF/OVMF_VARS_4M.ms.fd'>%3$s/vars.fd</nvram>
              </os>
              <features><acpi/><apic/><smm state='on'/></features>
              <on_poweroff>destroy</on_poweroff>
              <on_reboot>restart</on_reboot>
              <devices>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='raw'/>
                  <source file='%3$s/disk.img'/>
                  <target dev='vda' bus='virtio'/>
                  <boot order='1'/>
                </disk>
                <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
                <serial type='pty'><log file='%3$s/console.log' append='on'/></serial>
                <memballoon model='none'/>
              </devices>
            </domain>
            """;

    @TempDir
    private Path directory;

    private LibvirtHost host;
    private Path log;

    @BeforeEach
    void startHost() throws IOException {
        host = LibvirtHost.start("lab-one", directory.resolve("one"));
        log = Files.createDirectories(host.outside(HOME)).resolve("console.log");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void theSignedGuestReportsSecureBootKeepsVariablesAndObeysThePowerButton() throws Exception {
        Instant created = boot(GuestImage.get().signed());
        Matcher ready = GuestConsole.await(log, GuestConsole.READY, 0, BOOT);
        System.out.println("ready line after " + Duration.between(created, Instant.now()));
        assertThat(ready.group())
                .matches("UEFIVM-GUEST ready secureboot=enabled lockdown=integrity tpm=1 bootcurrent=000\\d");
        assertThat(GuestConsole.read(log)).contains("secureboot: Secure boot enabled");

        try (var console = GuestConsole.open(host, NAME, log)) {
            console.run("efivar-write Kept cafe");
            console.run("efivar-write Kept 0123456789");
            assertThat(console.run("efivar-read Kept")).isEqualTo("0123456789");
            console.run("efivar-write Gone 00; efivar-delete Gone");
            assertThat(console.run("efivar-list | grep -c Gone || true")).isEqualTo("0");
            console.run("boot-entry 0042 'Lab entry'");
            assertThat(console.run("efivar-read BootOrder")).endsWith("4200");

            int before = console.text().length();
            console.type("reboot -f\n");
            GuestConsole.await(log, GuestConsole.READY, before, BOOT);
            assertThat(console.run("efivar-read Kept")).isEqualTo("0123456789");
            assertThat(console.run("efivar-read Boot0042")).contains("4c0061006200");
        }

        host.virsh("shutdown", NAME, "--mode", "acpi");
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> host.domains().isEmpty());
        assertThat(GuestConsole.read(log)).contains("UEFIVM-GUEST poweroff");
    }

    @Test
    void theUnsignedGuestIsRefusedByTheFirmware() throws Exception {
        boot(GuestImage.get().unsigned());
        // Last the firmware tries its own shell, which is unsigned too: loaded because it is in the firmware's volume,
        // but
        // not started.
        GuestConsole.await(log, Pattern.compile("failed to start Boot.*Shell.*: Security Violation"), 0, BOOT);
        assertThat(GuestConsole.read(log))
                .containsPattern("failed to load Boot\\d{4} .* from PciRoot.*: Access Denied")
                .doesNotContain("GRUB", "UEFIVM-GUEST");
    }

    /** As two node agents do it: each binds what kubelet mounted to a path that is the same on both hosts. */
    @Test
    void twoHostsRunDomainsOfOneNameFromBoundDirectories() throws Exception {
        try (var other = LibvirtHost.start("lab-two", directory.resolve("two"))) {
            for (LibvirtHost each : List.of(host, other)) {
                String volume = "/var/lib/kubelet/pods/1/volumes/disk";
                each.run("mkdir", "-p", volume, HOME);
                GuestImage.copy(GuestImage.get().signed(), each.outside(volume + "/disk.img"));
                each.run("mount", "--bind", volume, HOME);
                create(each);
            }
            host.virsh("destroy", NAME);
            assertThat(host.domains()).isEmpty();
            assertThat(other.domains()).containsExactly(NAME);
            GuestConsole.await(
                    other.outside(HOME + "/console.log"), Pattern.compile("BdsDxe: starting Boot0001"), 0, BOOT);
        }
    }

    private Instant boot(Path image) throws IOException {
        GuestImage.copy(image, host.outside(HOME + "/disk.img"));
        Instant before = Instant.now();
        create(host);
        System.out.println("domain after " + Duration.between(before, Instant.now()));
        return before;
    }

    private void create(LibvirtHost on) throws IOException {
        Path xml = Files.writeString(directory.resolve("domain.xml"), DOMAIN.formatted(NAME, UUID.randomUUID(), HOME));
        on.virsh("create", xml.toString());
    }
}
