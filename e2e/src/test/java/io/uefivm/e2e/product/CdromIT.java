package io.uefivm.e2e.product;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a running guest sees of the media in its CD-ROM drive. */
class CdromIT extends OnSite {
    private static final String NAME = "reader";
    private static final int SIZE = 1 << 20;

    private static KvmHost host;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
    }

    @Test
    void theMediumOfARunningVmIsChangedAsTheSpecSays() throws IOException {
        Path shelf = site.directory(site.claim(NAMESPACE, "shelf"));
        Files.write(shelf.resolve("a.iso"), medium("first"));
        Files.write(shelf.resolve("b.iso"), medium("other"));
        site.disk(NAMESPACE, NAME, GuestImage.get().signed());
        create(NAME, "{name: root, persistentVolumeClaim: {claimName: reader}}, " + drive("", "a.iso"), "");
        awaitReady(NAME, 1);
        guestUp(host, NAME, 0);

        try (GuestConsole console = host.console(vm(NAME).get())) {
            console.run("devices");
            assertThat(console.run("head -c 5 /dev/sr0")).isEqualTo("first");

            change(drive("", "b.iso"));
            awaitEvent(Reason.MediumInserted, "inserted b.iso of claim shelf");
            awaitDrive(console, "other"::equals);

            change(drive(", ejected: true", "b.iso"));
            awaitEvent(Reason.MediumEjected, "disks[install]: the medium was ejected");
            awaitDrive(console, said -> said.contains("No medium found"));

            change(drive(", ejected: true", "c.iso"));
            change(drive("", "c.iso"));
            awaitEvent(Reason.DiskNotFound, "Claim shelf has no file c.iso");
            Files.write(shelf.resolve("c.iso"), medium("third"));
            awaitDrive(console, "third"::equals);

            console.run("{ sleep 3600 </dev/sr0 >/dev/null 2>&1 & }; echo $! >/tmp/holder");
            change(drive(", ejected: true", "c.iso"));
            awaitEvent(Reason.MediumLocked, "the guest holds it; unmount it there");
            assertThat(console.run("head -c 5 /dev/sr0")).isEqualTo("third");
            console.run("kill $(cat /tmp/holder)");
            awaitDrive(console, said -> said.contains("No medium found"));
        }
        assertThat(status(NAME).condition(ConditionType.RestartRequired)).isEmpty();
        assertThat(status(NAME).epoch()).isEqualTo(1);
        vm(NAME).delete();
    }

    private static byte[] medium(String beginning) {
        return (beginning + "\0".repeat(SIZE - beginning.length())).getBytes(US_ASCII);
    }

    /** On SCSI, because the guest's kernel, as those of cloud images, has no AHCI. */
    private static String drive(String more, String file) {
        return "{name: install, cdrom: {bus: scsi" + more + "}, persistentVolumeClaim: {claimName: shelf, file: " + file
                + "}}";
    }

    private static void change(String drive) {
        Map<?, ?> disks = Serialization.unmarshal(
                "disks: [{name: root, persistentVolumeClaim: {claimName: reader}}, " + drive + "]", Map.class);
        patchSpec(NAME, Serialization.asJson(disks));
    }

    private static void awaitDrive(GuestConsole console, Predicate<String> says) {
        Awaitility.await("the guest's drive")
                .atMost(STEP)
                .until(() -> console.run("head -c 5 /dev/sr0 2>&1; true"), says);
    }

    private static void awaitEvent(Reason reason, String words) {
        Awaitility.await(reason + ": " + words)
                .atMost(STEP)
                .until(() -> events(NAME).stream()
                        .anyMatch(event -> reason.name().equals(event.getReason())
                                && String.valueOf(event.getNote()).contains(words)));
    }
}
