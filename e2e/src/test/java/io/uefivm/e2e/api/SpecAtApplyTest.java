package io.uefivm.e2e.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.controlplane.ControlPlane;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an API server says at once to a spec that cannot be. The embedded control plane checks no schema. */
class SpecAtApplyTest {
    private static ControlPlane controlPlane;

    @BeforeAll
    static void apiServer() {
        controlPlane = ControlPlane.start();
        assumeTrue(
                controlPlane.kind() == ControlPlane.Kind.KUBE_APISERVER,
                "schemas and rules are enforced by a real API server only; provide one with KUBE_API_TEST_DIR");
        controlPlane.applyCrds();
    }

    @AfterAll
    static void down() {
        controlPlane.close();
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refused("no memory", "{}", "spec.memory: Required value"),
                refused("zero memory", "{memory: {size: 0}}", "must be a quantity between 128Mi"),
                refused("nonsense as memory", "{memory: {size: lots}}", "must be a quantity between 128Mi"),
                refused("no processor", "{cpu: {cores: 0}, memory: {size: 1Gi}}", "spec.cpu.cores"),
                refused(
                        "two disks of one name",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "") + ", " + disk("a", "") + "]}",
                        "spec.disks[1]: Duplicate value"),
                refused(
                        "two disks with one boot order",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "bootOrder: 1, ") + ", "
                                + disk("b", "bootOrder: 1, ") + "]}",
                        "each bootOrder may be given to one disk or network only"),
                refused(
                        "a network with the boot order of a disk",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "bootOrder: 1, ")
                                + "], networks: [{name: lan, user: {}, bootOrder: 1}]}",
                        "each bootOrder may be given to one disk or network only"),
                refused(
                        "IDE",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "bus: ide, ") + "]}",
                        "Unsupported value: \"ide\""),
                refused(
                        "an IDE CD-ROM",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "cdrom: {bus: ide}, ") + "]}",
                        "supported values: \"sata\", \"scsi\", \"usb\""),
                refused(
                        "a disk of nothing",
                        "{memory: {size: 1Gi}, disks: [{name: a}]}",
                        "exactly one of persistentVolumeClaim, cloudInit and answerFile must be given"),
                refused(
                        "a disk of two things",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "cloudInit: {userData: a}, ") + "]}",
                        "exactly one of persistentVolumeClaim, cloudInit and answerFile must be given"),
                refused(
                        "a seed without user data",
                        "{memory: {size: 1Gi}, disks: [{name: a, cloudInit: {}}]}",
                        "exactly one of userData and userDataSecretRef must be given"),
                refused(
                        "a format of a medium that is made",
                        "{memory: {size: 1Gi}, disks: [{name: a, format: qcow2, cloudInit: {userData: a}}]}",
                        "format is for disks that a persistentVolumeClaim holds"),
                refused(
                        "a made medium as a SATA disk",
                        "{memory: {size: 1Gi}, disks: [{name: a, bus: sata, cloudInit: {userData: a}}]}",
                        "make it a cdrom"),
                refused(
                        "a format that nobody knows",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "format: vmdk, ") + "]}",
                        "supported values: \"qcow2\", \"raw\""),
                refused(
                        "a network with the name of a disk",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "") + "], networks: [{name: a, user: {}}]}",
                        "a network has the name of a disk or device"),
                refused(
                        "more USB disks than ports",
                        "{memory: {size: 1Gi}, disks: ["
                                + IntStream.range(0, 15)
                                        .mapToObj(number -> disk("a" + number, "bus: usb, "))
                                        .collect(Collectors.joining(", "))
                                + "]}",
                        "a VM has room for 14 disks and CD-ROMs on usb"),
                refused(
                        "a SATA disk that is read-only",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "bus: sata, readOnly: true, ") + "]}",
                        "a sata disk cannot be read-only"),
                refused(
                        "a cache of a CD-ROM",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "cdrom: {}, cache: none, ") + "]}",
                        "cache, discard, ioThread and shareable are for disks that a persistentVolumeClaim holds"),
                refused(
                        "a thread for a medium that is made",
                        "{memory: {size: 1Gi}, disks: [{name: a, ioThread: true, cloudInit: {userData: a}}]}",
                        "cache, discard, ioThread and shareable are for disks that a persistentVolumeClaim holds"),
                refused(
                        "a cache that may lose what the guest has flushed",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "cache: unsafe, ") + "]}",
                        "supported values: \"none\", \"writeback\", \"writethrough\""),
                refused(
                        "a shared disk behind a cache of its own",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "shareable: true, cache: writeback, ") + "]}",
                        "a shareable disk needs format raw and cache none"),
                refused(
                        "a shared qcow2 image",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "shareable: true, format: qcow2, ") + "]}",
                        "a shareable disk needs format raw and cache none"),
                refused(
                        "a thread for a disk on SATA",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "bus: sata, ioThread: true, ") + "]}",
                        "ioThread is for disks on virtio"),
                refused(
                        "what a read-only disk discards",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "readOnly: true, discard: unmap, ") + "]}",
                        "a read-only disk has nothing to discard"),
                refused(
                        "an ejected CD-ROM on USB",
                        "{memory: {size: 1Gi}, disks: [" + disk("a", "cdrom: {bus: usb, ejected: true}, ") + "]}",
                        "a usb CD-ROM cannot be ejected, because libvirt makes it a removable disk; use sata or scsi"),
                refused(
                        "a file for a disk",
                        "{memory: {size: 1Gi}, disks: [{name: a, persistentVolumeClaim: {claimName: a, file: b.img}}]}",
                        "persistentVolumeClaim.file is for a cdrom"),
                refused(
                        "a ROM from nowhere",
                        "{memory: {size: 1Gi}, devices: [{name: a, pci: {address: '0000:01:00'}, rom: {}}]}",
                        "exactly one of configMapKeyRef and persistentVolumeClaim must be given"),
                refused(
                        "a path as the file of a ROM",
                        "{memory: {size: 1Gi}, devices: [{name: a, pci: {address: '0000:01:00'}, rom:"
                                + " {persistentVolumeClaim: {claimName: a, file: ../x}}}]}",
                        "spec.devices[0].rom.persistentVolumeClaim.file"),
                refused(
                        "a path as a file",
                        "{memory: {size: 1Gi}, disks: [{name: a, cdrom: {}, persistentVolumeClaim: {claimName: a, file: ../x}}]}",
                        "spec.disks[0].persistentVolumeClaim.file"),
                refused(
                        "a path as a claim",
                        "{memory: {size: 1Gi}, disks: [{name: a, persistentVolumeClaim: {claimName: ../x}}]}",
                        "spec.disks[0].persistentVolumeClaim.claimName"),
                refused(
                        "a path as a disk's name",
                        "{memory: {size: 1Gi}, disks: [" + disk("..", "") + "]}",
                        "spec.disks[0].name"),
                refused("an unversioned machine type", "{memory: {size: 1Gi}, machineType: q35}", "spec.machineType"),
                refused(
                        "a network that is plugged into nothing",
                        "{memory: {size: 1Gi}, networks: [{name: lan}]}",
                        "exactly one of bridge, libvirtNetwork and user must be given"),
                refused(
                        "a claim without room for two running stores",
                        "{memory: {size: 1Gi}, nvram: {storage: {size: 1Mi}}}",
                        "must be a quantity of at least 8Mi: two running variable stores"),
                refused(
                        "a claim of its own and a shared one",
                        "{memory: {size: 1Gi}, nvram: {sharedClaim: all, storage: {}}}",
                        "storage and sharedClaim exclude each other"),
                refused(
                        "keys without the profile that takes them",
                        "{memory: {size: 1Gi}, firmware: {keys: {db: {sources: [" + fromSecret("k") + "]}}}}",
                        "pk, kek, db and dbx are given with profile Custom, and only with it"),
                refused(
                        "custom keys of which none is given",
                        "{memory: {size: 1Gi}, firmware: {keys: {profile: Custom}}}",
                        "pk, kek, db and dbx are given with profile Custom, and only with it"),
                refused(
                        "a key from two places",
                        "{memory: {size: 1Gi}, firmware: {keys: {profile: Custom, pk: {secretKeyRef: {name: s, key: k},"
                                + " configMapKeyRef: {name: c, key: k}}}}}",
                        "exactly one of secretKeyRef and configMapKeyRef must be given"),
                refused(
                        "a path as a key of a Secret",
                        "{memory: {size: 1Gi}, firmware: {keys: {profile: Custom, pk: {secretKeyRef:"
                                + " {name: s, key: ../k}}}}}",
                        "spec.firmware.keys.pk.secretKeyRef.key"),
                refused(
                        "a boot target that the VM does not have",
                        "{memory: {size: 1Gi}, firmware: {bootNext: pxe}}",
                        "must be Setup, Network, HTTP, or the name of a disk or network of this VM"),
                refused(
                        "a key of Secure Boot as a variable",
                        "{memory: {size: 1Gi}, firmware: {variables: [{name: db,"
                                + " guid: d719b2cb-3d3a-4596-a3bc-dad00e67656f, text: x}]}}",
                        "use firmware.keys"),
                refused(
                        "a boot entry as a variable",
                        "{memory: {size: 1Gi}, firmware: {variables: [{name: Boot0001,"
                                + " guid: 8be4df61-93ca-11d2-aa0d-00e098032b8c, hex: '00'}]}}",
                        "boot entries belong to the guest"),
                refused(
                        "a variable with two values",
                        "{memory: {size: 1Gi}, firmware: {variables: [{name: A,"
                                + " guid: 5b1d9d32-1e5b-4a4f-8c2f-1a2b3c4d5e6f, text: x, hex: '00'}]}}",
                        "exactly one of text, hex, secretKeyRef and configMapKeyRef must be given"),
                refused(
                        "a variable twice",
                        "{memory: {size: 1Gi}, firmware: {variables: [" + variable("A") + ", " + variable("A") + "]}}",
                        "spec.firmware.variables[1]: Duplicate value"),
                refused(
                        "a firmware pin that is no digest",
                        "{memory: {size: 1Gi}, firmware: {image: {codeDigest: newest}}}",
                        "spec.firmware.image.codeDigest"),
                refused(
                        "Secure Boot without variables",
                        "{memory: {size: 1Gi}, tpm: {enabled: false}, firmware: {layout: Stateless}}",
                        "firmware.layout Stateless needs firmware.secureBoot Disabled"),
                refused(
                        "a TPM without state",
                        "{memory: {size: 1Gi}, firmware: {layout: Stateless, secureBoot: Disabled}}",
                        "firmware.layout Stateless needs tpm.enabled false"),
                refused(
                        "a place for state that is not kept",
                        "{memory: {size: 1Gi}, tpm: {enabled: false}, nvram: {storage: {size: 64Mi}},"
                                + " firmware: {layout: Stateless, secureBoot: Disabled}}",
                        "firmware.layout Stateless has no stored variables"),
                refused(
                        "a variable where none is kept",
                        "{memory: {size: 1Gi}, tpm: {enabled: false}, firmware: {layout: Stateless,"
                                + " secureBoot: Disabled, variables: [" + variable("A") + "]}}",
                        "firmware.layout Stateless has no stored variables"),
                refused(
                        "a claim that has no room for two whole images",
                        "{memory: {size: 1Gi}, firmware: {layout: Combined}, nvram: {storage: {size: 8Mi}}}",
                        "nvram.storage.size must be at least 16Mi with firmware.layout Combined"),
                refused(
                        "a restore of no generation",
                        "{memory: {size: 1Gi}, nvram: {request: {token: t, action: Restore}}}",
                        "generation is given with action Restore, and only with it"));
    }

    private static String fromSecret(String key) {
        return "{secretKeyRef: {name: s, key: " + key + "}}";
    }

    private static String variable(String name) {
        return "{name: " + name + ", guid: 5b1d9d32-1e5b-4a4f-8c2f-1a2b3c4d5e6f, text: x}";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void isRefusedByName(String what, String spec, String message) {
        assertThatThrownBy(() -> create("refused", spec))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aNameHasSixtyThreeCharactersAtMost() {
        assertThat(create("n".repeat(63), "{memory: {size: 1Gi}}").getMetadata().getUid())
                .isNotNull();
        assertThatThrownBy(() -> create("n".repeat(64), "{memory: {size: 1Gi}}"))
                .hasMessageContaining("metadata.name may have 63 characters at most");
    }

    @Test
    void firmwareStaysWhatItWas() {
        create("fixed", "{memory: {size: 1Gi}}");
        assertThatThrownBy(() -> controlPlane
                        .client()
                        .resources(UefiVirtualMachine.class)
                        .inNamespace("default")
                        .withName("fixed")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"spec\": {\"firmware\": {\"secureBoot\": \"Disabled\"}}}"))
                .hasMessageContaining("firmware.secureBoot cannot be changed on an existing VM");
    }

    @Test
    void stateIsNeitherLeftBehindNorComesOutOfNothing() {
        create("kept", "{memory: {size: 1Gi}, tpm: {enabled: false}, firmware: {secureBoot: Disabled}}");
        assertThatThrownBy(() -> controlPlane
                        .client()
                        .resources(UefiVirtualMachine.class)
                        .inNamespace("default")
                        .withName("kept")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"spec\": {\"firmware\": {\"layout\": \"Stateless\"}}}"))
                .hasMessageContaining("firmware.layout cannot be changed to or from Stateless");
    }

    private static Arguments refused(String what, String spec, String message) {
        return Arguments.of(what, spec, message);
    }

    private static String disk(String name, String more) {
        return "{name: \"" + name + "\", " + more + "persistentVolumeClaim: {claimName: c}}";
    }

    private static GenericKubernetesResource create(String name, String spec) {
        return controlPlane
                .client()
                .resource(Serialization.unmarshal("""
                        apiVersion: uefivm.io/v1alpha1
                        kind: UefiVirtualMachine
                        metadata: {name: %s, namespace: default}
                        spec: %s
                        """.formatted(name, spec), GenericKubernetesResource.class))
                .create();
    }
}
