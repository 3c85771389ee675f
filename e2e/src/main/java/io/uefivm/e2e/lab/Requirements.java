package io.uefivm.e2e.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What the lab needs of the machine, and the Debian package that brings it. */
enum Requirements {
    HOST(Map.ofEntries(
            Map.entry("/usr/bin/unshare", "util-linux"),
            Map.entry("/usr/bin/nsenter", "util-linux"),
            Map.entry("/usr/bin/setpriv", "util-linux"),
            Map.entry("/usr/sbin/libvirtd", "libvirt-daemon-system"),
            Map.entry("/usr/sbin/virtlogd", "libvirt-daemon-system"),
            Map.entry("/usr/bin/virsh", "libvirt-clients"),
            Map.entry("/usr/bin/qemu-system-x86_64", "qemu-system-x86"),
            Map.entry("/usr/bin/swtpm", "swtpm"),
            Map.entry("/usr/bin/swtpm_setup", "swtpm-tools"),
            Map.entry("/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "ovmf"))),

    GUEST_IMAGE(Map.of(
            "/usr/bin/apt-get", "apt",
            "/usr/bin/dpkg", "dpkg",
            "/usr/sbin/sgdisk", "gdisk",
            "/usr/bin/mcopy", "mtools",
            "/usr/bin/xz", "xz-utils")),

    NESTED_MACHINE(Map.of(
            "/usr/bin/apt-get", "apt",
            "/usr/bin/dpkg", "dpkg",
            "/usr/bin/xz", "xz-utils",
            "/usr/sbin/ip", "iproute2")),

    NESTED_SYSTEMD(Map.of(
            "/lib/systemd/systemd", "systemd",
            "/lib/systemd/systemd-machined", "systemd-container",
            "/usr/bin/dbus-daemon", "dbus"));

    private final Map<String, String> packages;

    Requirements(Map<String, String> packages) {
        this.packages = packages;
    }

    /**
     * Checks all at once.
     *
     * @throws IllegalStateException that names what is missing and the command that installs it
     */
    void check() {
        List<String> missing = packages.keySet().stream()
                .filter(file -> candidates(file).noneMatch(Files::exists))
                .sorted()
                .toList();
        if (!missing.isEmpty()) {
            var names = new TreeSet<>(missing.stream().map(packages::get).toList());
            throw new IllegalStateException("missing on this machine: " + String.join(", ", missing)
                    + "; install them as root: apt-get install -y --no-install-recommends "
                    + String.join(" ", names));
        }
    }

    /** Debian moves programs between bin and sbin from release to release. */
    private static Stream<Path> candidates(String file) {
        return Stream.of(file, file.replace("/bin/", "/sbin/"), file.replace("/sbin/", "/bin/"))
                .map(Path::of);
    }
}
