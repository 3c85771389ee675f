package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DomainXmlTest {
    private static final long SEED = 20260101;

    @Test
    void isTheSameForTheSameInput() {
        assertThat(DomainXml.render(SampleVms.linuxServer())).isEqualTo(DomainXml.render(SampleVms.linuxServer()));
    }

    @Test
    void isOneLinePerElementWithoutDeclaration() {
        assertThat(DomainXml.render(SampleVms.minimalLinux(Accelerator.KVM)))
                .startsWith("<domain type=\"kvm\">\n")
                .endsWith("</domain>\n");
        assertThat(DomainXml.render(SampleVms.minimalLinux(Accelerator.TCG))).startsWith("<domain type=\"qemu\">\n");
    }

    /** libvirt silently ignores an element that it does not know: only its schema tells. */
    @Test
    void isValidToLibvirtsSchemaWhateverTheSpecCombines() {
        List<LibvirtSchema> schemas = LibvirtSchema.all();
        var random = new Random(SEED);
        for (int round = 0; round < 300; round++) {
            String spec = randomSpec(random);
            String xml = DomainXml.render(SampleVms.vm(spec, pick(random, Accelerator.values())));
            assertThat(schemas)
                    .as("%s%n%s", spec, xml)
                    .allSatisfy(schema -> assertThat(schema.complaints(xml)).isEmpty());
        }
    }

    private static String randomSpec(Random random) {
        var lines = new ArrayList<String>();
        lines.add("memory: {size: " + pick(random, "1Gi", "3Ti")
                + pick(random, "}", ", hugepages: {pageSize: 2Mi}}", ", hugepages: {pageSize: 1Gi}}"));
        lines.add("cpu: {cores: " + (1 + random.nextInt(200)) + ", model: "
                + pick(random, "host-model", "host-passthrough", "Skylake-Server") + "}");
        lines.add("guestOS: " + pick(random, "Linux", "Windows"));
        lines.add("tpm: {enabled: " + random.nextBoolean() + "}");
        if (random.nextBoolean()) {
            lines.add("graphics: {type: " + pick(random, "VNC", "None") + "}");
        }
        lines.add(pick(random, "", "watchdog: {}", "watchdog: {action: poweroff}"));
        lines.add(pick(random, "", "vsock: {}"));
        List<Integer> orders = new ArrayList<>(List.of(1, 2, 3, 4, 5));
        Collections.shuffle(orders, random);
        lines.add("disks:");
        for (int disk = random.nextInt(30); disk > 0; disk--) {
            lines.add("- {name: disk-with-a-long-name-" + disk + ", persistentVolumeClaim: {claimName: c}"
                    + pick(
                            random,
                            "",
                            ", bus: virtio",
                            ", bus: virtio, readOnly: true",
                            ", bus: scsi",
                            ", bus: scsi, readOnly: true",
                            ", bus: sata",
                            ", bus: nvme",
                            ", format: qcow2",
                            ", cache: writethrough, ioThread: true",
                            ", shareable: true, discard: ignore",
                            ", cdrom: {}",
                            disk > 14 ? "" : pick(random, ", bus: usb", ", cdrom: {bus: usb}"))
                    + order(random, orders) + "}");
        }
        lines.add("networks:");
        for (int network = random.nextInt(4); network > 0; network--) {
            lines.add("- {name: n" + network
                    + pick(random, ", user: {}", ", bridge: {name: br0}", ", libvirtNetwork: {name: net}")
                    + pick(random, "", ", model: e1000e") + order(random, orders) + "}");
        }
        lines.add("devices:");
        for (int device = random.nextInt(3); device > 0; device--) {
            lines.add("- {name: p" + device + ", pci: {address: '0000:0" + device + ":00'}}");
        }
        return String.join("\n", lines);
    }

    private static String order(Random random, List<Integer> orders) {
        return orders.isEmpty() || random.nextBoolean() ? "" : ", bootOrder: " + orders.remove(0);
    }

    @SafeVarargs
    private static <T> T pick(Random random, T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
