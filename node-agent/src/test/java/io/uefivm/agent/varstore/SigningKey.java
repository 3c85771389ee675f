package io.uefivm.agent.varstore;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A key that signs loaders, and its certificate. */
final class SigningKey {
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");
    private static final Path SBSIGN = Path.of("/usr/bin/sbsign");

    private final Path key;
    private final Path certificate;

    private SigningKey(Path key, Path certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    static SigningKey make(Path folder, String name) throws IOException {
        OvmfMachine.require(OPENSSL, "openssl");
        OvmfMachine.require(SBSIGN, "sbsigntool");
        SigningKey made = new SigningKey(folder.resolve(name + ".key"), folder.resolve(name + ".pem"));
        run(List.of(
                OPENSSL.toString(),
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-sha256",
                "-days",
                "30",
                "-subj",
                "/CN=" + name,
                "-keyout",
                made.key.toString(),
                "-out",
                made.certificate.toString()));
        return made;
    }

    List<SignatureList> certificate() throws IOException {
        return KeyMaterial.parse(Vendors.UEFIVM, Bytes.copyOf(Files.readAllBytes(certificate)));
    }

    void sign(Path loader, Path signed) throws IOException {
        run(List.of(
                SBSIGN.toString(),
                "--key",
                key.toString(),
                "--cert",
                certificate.toString(),
                "--output",
                signed.toString(),
                loader.toString()));
    }

    /** The hash by which the firmware knows a signed loader: all but its checksum and its signatures (Authenticode). */
    static SignatureList imageHash(Path signed) throws IOException {
        Bytes image = Bytes.copyOf(Files.readAllBytes(signed));
        int optionalHeader = (int) image.u32(0x3c) + 24;
        int checksum = optionalHeader + 64;
        int certificateTable = optionalHeader + 112 + 4 * 8;
        int signatures = (int) image.u32(certificateTable);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(image.slice(0, checksum).toArray());
            digest.update(image.slice(checksum + 4, certificateTable).toArray());
            digest.update(image.slice(certificateTable + 8, signatures).toArray());
            return SignatureList.of(new Signature.ImageHash(Vendors.UEFIVM, Bytes.copyOf(digest.digest())));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
                fail(command + " failed: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail("interrupted");
        } finally {
            process.destroyForcibly();
        }
    }
}
