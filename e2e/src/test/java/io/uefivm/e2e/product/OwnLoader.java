package io.uefivm.e2e.product;

import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A key of one's own, and the test guest with its first loader signed by it and by nobody else.
 *
 * @param certificate in PEM
 * @param image a disk
 */
record OwnLoader(String certificate, Path image) {
    /** Where the image's only partition begins, 2048 sectors in. */
    private static final String ESP = "@@1048576";

    private static final String LOADER = "::/EFI/BOOT/BOOTX64.EFI";

    static OwnLoader in(Path work) {
        try {
            for (String program : List.of("/usr/bin/openssl", "/usr/bin/sbsign", "/usr/bin/mcopy")) {
                if (!Files.exists(Path.of(program))) {
                    throw new AssertionError(program
                            + " is missing: apt-get install -y --no-install-recommends openssl sbsigntool mtools");
                }
            }
            Path folder = Files.createTempDirectory(work, "own");
            Path key = folder.resolve("key.pem");
            Path certificate = folder.resolve("db.pem");
            Path loader = folder.resolve("loader.efi");
            Path image = folder.resolve("own.img");
            run("openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=Own-db -keyout %s -out %s"
                    .formatted(key, certificate));
            run("cp --sparse=always %s %s".formatted(GuestImage.get().unsigned(), image));
            run("mcopy -i %s %s %s".formatted(image + ESP, LOADER, loader));
            run("sbsign --key %s --cert %s --output %s %s".formatted(key, certificate, loader, loader));
            run("mcopy -o -i %s %s %s".formatted(image + ESP, loader, LOADER));
            return new OwnLoader(Files.readString(certificate), image);
        } catch (IOException e) {
            throw new AssertionError("no loader of one's own could be made", e);
        }
    }

    private static void run(String command) throws IOException {
        Process process =
                new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command + ":\n" + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
