package io.uefivm.e2e.product;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The firmware of a host, replaced as a package or an admin would. Nothing of this machine changes: the host has mounts of its
 * own.
 */
record HostFirmware(KvmHost host) {
    static final String DESCRIPTORS = "/usr/share/qemu/firmware";
    private static final String IMAGES = "/usr/share/OVMF";
    private static final String EARLIER = "/run/ovmf-earlier";

    /** As {@code apt-get upgrade} to Debian 13 does it: images and descriptors under the names of before. */
    void upgrade() throws IOException {
        Path upgraded = debian13();
        // A copy: over a bind of the directory, the mount on it would come too.
        host.libvirt().run("cp", "-a", IMAGES, EARLIER);
        host.libvirt().run("mount", "--bind", upgraded.resolve("usr/share/OVMF").toString(), IMAGES);
        host.libvirt().run("mount", "-t", "tmpfs", "upgraded", DESCRIPTORS);
        host.libvirt().run("cp", "-r", upgraded.resolve("usr/share/qemu/firmware") + "/.", DESCRIPTORS);
        reportAgain();
    }

    /** As an admin who wants the build of before the upgrade to be there as well. */
    void offerEarlierToo() throws IOException {
        String descriptor = Files.readString(Path.of(DESCRIPTORS, "40-edk2-x86_64-secure-enrolled.json"))
                .replace(IMAGES, EARLIER);
        Files.writeString(host.libvirt().outside(DESCRIPTORS + "/70-earlier.json"), descriptor);
        reportAgain();
    }

    /** Debian's build with a variable store of 128 KiB, which it ships without a descriptor, and no other. */
    void onlySmall() throws IOException {
        host.libvirt().run("mount", "-t", "tmpfs", "small", DESCRIPTORS);
        String descriptor = Files.readString(Path.of(DESCRIPTORS, "40-edk2-x86_64-secure-enrolled.json"))
                .replace("_4M.ms.fd", ".ms.fd");
        Files.writeString(host.libvirt().outside(DESCRIPTORS + "/30-small.json"), descriptor);
        reportAgain();
    }

    /** What the machine itself has. */
    void restore() throws IOException {
        for (String mount : List.of(DESCRIPTORS, IMAGES)) {
            host.libvirt().run("sh", "-c", "! mountpoint -q " + mount + " || umount " + mount);
        }
        reportAgain();
    }

    /** An agent reports when it starts, and then once a minute. */
    private void reportAgain() {
        host.agent().close();
        host.startAgent().awaitReady();
    }

    private static Path debian13() {
        String cache = System.getenv("UEFIVM_CACHE");
        Path ovmf = (cache != null ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache", "uefivm"))
                .resolve("ovmf-13");
        if (!Files.isDirectory(ovmf)) {
            throw new IllegalStateException("OVMF of Debian 13 is missing: e2e/debian-13.sh");
        }
        return ovmf;
    }
}
