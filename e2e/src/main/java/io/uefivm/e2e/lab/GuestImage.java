package io.uefivm.e2e.lab;

import io.uefivm.e2e.controlplane.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The guest of the tests and the quickstart: a 64 MiB disk with a chain of loaders, a kernel and an initial RAM disk from
 * Debian's signed packages. Built once for each version of the packages and kept in the cache.
 *
 * @param signed boots under Secure Boot
 * @param unsigned the same with the signature taken off the first loader
 */
public record GuestImage(Path signed, Path unsigned) {
    private static final List<String> SOURCES =
            List.of("build.sh", "init", "console", "devices", "boot-entry", "efivar", "power-button", "grub.cfg");
    private static final String KERNEL = "linux-image-cloud-amd64";
    private static final List<String> PACKAGES =
            List.of("shim-signed", "grub-efi-amd64-signed", "busybox-static", "sash");
    private static final Pattern DEPENDS = Pattern.compile("Depends: (linux-image-[^ ,]*-cloud-amd64)");

    /**
     * Finds it in the cache or builds it, which takes half a minute and needs Debian's package archive.
     *
     * @throws UncheckedIOException with the output of what failed
     */
    public static synchronized GuestImage get() {
        Requirements.GUEST_IMAGE.check();
        try {
            Path guests = Files.createDirectories(Cache.directory().resolve("guest"));
            // Whoever comes while it is built waits: apt has one lock, too.
            try (FileChannel lock = FileChannel.open(
                            guests.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = lock.lock()) {
                Path home = guests.resolve(key(policy()));
                var image = new GuestImage(home.resolve("signed.img"), home.resolve("unsigned.img"));
                if (!Files.exists(image.unsigned())) {
                    build(home);
                }
                return image;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the guest image cannot be built", e);
        }
    }

    /** Puts a copy of the image where a claim of the Filesystem mode has its disk. */
    public static void copy(Path image, Path diskImg) throws IOException {
        Commands.run(List.of("cp", "--sparse=always", image.toString(), diskImg.toString()));
    }

    private static String policy() throws IOException {
        var command = new ArrayList<>(List.of("apt-cache", "policy", KERNEL));
        command.addAll(PACKAGES);
        String policy = Commands.run(command);
        if (policy.contains("Candidate: (none)") || !policy.contains("sash")) {
            Commands.run(List.of("apt-get", "update", "-q"));
            policy = Commands.run(command);
        }
        return policy.lines()
                .filter(line -> !line.startsWith(" ") || line.contains("Candidate:"))
                .reduce("", (all, line) -> all + line + "\n");
    }

    private static String key(String policy) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(policy.getBytes(StandardCharsets.UTF_8));
            for (String source : SOURCES) {
                digest.update(Resources.read("guest/" + source));
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void build(Path home) throws IOException {
        Matcher kernel = DEPENDS.matcher(Commands.run(List.of("apt-cache", "show", "--no-all-versions", KERNEL)));
        if (!kernel.find()) {
            throw new IOException("the package " + KERNEL + " depends on no kernel image");
        }
        // Beside its place, so that it arrives there whole, whoever else is building it.
        Path work = Files.createTempDirectory(Files.createDirectories(home.resolveSibling("building")), "guest");
        try {
            Path sources = Files.createDirectories(work.resolve("sources"));
            for (String source : SOURCES) {
                Resources.copy("guest/" + source, sources);
            }
            Commands.run(List.of(
                    "sh",
                    "-c",
                    "cd \"$1\" && exec sh sources/build.sh \"$2\"",
                    "build",
                    work.toString(),
                    kernel.group(1)));
            Files.createDirectories(home);
            for (String image : List.of("signed.img", "unsigned.img")) {
                Files.move(work.resolve(image), home.resolve(image), StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            Directories.delete(work);
        }
    }
}
