package io.uefivm.e2e.product;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.e2e.lab.Cache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * The firmware of a host, replaced as a package or an admin would. Nothing of this machine changes: the host has mounts of its
 * own.
 */
record HostFirmware(KubernetesClient client, KvmHost host) {
    private static final Path DESCRIPTORS = Path.of("/usr/share/qemu/firmware");
    private static final String IMAGES = "/usr/share/OVMF";
    private static final String EARLIER = "/run/ovmf-earlier";
    /** The agent looks every few seconds; more on two busy cores. */
    private static final Duration SOON = Duration.ofSeconds(60);

    /** As {@code apt-get upgrade} to Debian 13 does it: images and descriptors under the names of before. */
    void upgrade() throws IOException {
        Path upgraded = Cache.debian13("ovmf-13");
        List<FirmwareBuild> before = reported();
        // A copy: over a bind of the directory, the mount on it would come too.
        host.libvirt().run("cp", "-a", IMAGES, EARLIER);
        host.libvirt().run("mount", "--bind", upgraded.resolve("usr/share/OVMF").toString(), IMAGES);
        host.libvirt().run("mount", "-t", "tmpfs", "upgraded", DESCRIPTORS.toString());
        host.libvirt().run("cp", "-r", upgraded.resolve("usr/share/qemu/firmware") + "/.", DESCRIPTORS.toString());
        awaitNews(before);
    }

    /** As an admin who wants the build of before the upgrade to be there as well. */
    void offerEarlierToo() throws IOException {
        List<FirmwareBuild> before = reported();
        show("70-earlier.json", secureBoot().replace(IMAGES, EARLIER));
        awaitNews(before);
    }

    /** As an admin who takes it away again. */
    void withdrawEarlier() throws IOException {
        List<FirmwareBuild> before = reported();
        Files.delete(
                host.libvirt().outside(DESCRIPTORS.resolve("70-earlier.json").toString()));
        awaitNews(before);
    }

    /** Debian's build with a variable store of 128 KiB, which it ships without a descriptor, and no other. */
    void onlySmall() throws IOException {
        List<FirmwareBuild> before = reported();
        hide();
        showSmall();
        awaitNews(before);
    }

    /** Debian's build with a variable store of 128 KiB, before all others. */
    void showSmall() throws IOException {
        show("30-small.json", secureBoot().replace("_4M.ms.fd", ".ms.fd"));
    }

    /** The machine's own descriptor of that name again, after {@link #hide}. */
    void show(String name) throws IOException {
        show(name, Files.readString(DESCRIPTORS.resolve(name)));
    }

    /** All of the machine's own descriptors again, after {@link #hide}. */
    void showAll() throws IOException {
        try (var files = Files.list(DESCRIPTORS)) {
            for (Path descriptor : files.toList()) {
                show(descriptor.getFileName().toString());
            }
        }
    }

    private void show(String name, String descriptor) throws IOException {
        Files.writeString(host.libvirt().outside(DESCRIPTORS.resolve(name).toString()), descriptor);
    }

    private static String secureBoot() throws IOException {
        return Files.readString(DESCRIPTORS.resolve("40-edk2-x86_64-secure-enrolled.json"));
    }

    /** No descriptor any more. */
    void hide() throws IOException {
        host.libvirt().run("mount", "-t", "tmpfs", "firmware", DESCRIPTORS.toString());
    }

    /** As {@link #hide}; returns once everybody knows. A VM that is created before would be placed by what was there. */
    void hideAndAwait() throws IOException {
        hide();
        Awaitility.await("a word that the firmware is gone")
                .atMost(SOON)
                .until(() -> reported().isEmpty());
    }

    /** What the machine itself has. */
    void restore() throws IOException {
        for (String mount : List.of(DESCRIPTORS.toString(), IMAGES)) {
            host.libvirt().run("sh", "-c", "while mountpoint -q " + mount + "; do umount " + mount + "; done");
        }
    }

    /** As {@link #restore}; returns once everybody knows. A VM that is started before is placed by what was there. */
    void restoreAndAwait() throws IOException {
        List<FirmwareBuild> before = reported();
        restore();
        awaitNews(before);
    }

    private void awaitNews(List<FirmwareBuild> before) {
        Awaitility.await("a word on the other firmware")
                .atMost(SOON)
                .until(() -> !reported().equals(before));
    }

    private List<FirmwareBuild> reported() {
        return client.resources(UefiHost.class)
                .withName(host.name())
                .get()
                .getStatus()
                .firmware();
    }
}
