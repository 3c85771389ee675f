package io.uefivm.agent.firmware;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The firmware builds that a host's descriptors name, in the order in which they are preferred.
 *
 * <p>Found as QEMU's interop specification says (docs/interop/firmware.json) and libvirt does: of two files of one name
 * the one in the more specific directory counts, an empty one masks, and all are sorted by file name. A descriptor that
 * cannot be used is reported and the others still count.
 *
 * @param images UEFI builds for x86_64 with split, raw flash
 * @param problems one sentence for each descriptor that cannot be used
 */
public record FirmwareCatalog(List<FirmwareImage> images, List<String> problems) {
    private static final List<String> DIRECTORIES = List.of("usr/share/qemu/firmware", "etc/qemu/firmware");
    private static final String ARCHITECTURE = "x86_64";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads the host's descriptors and the files that they name.
     *
     * @param hostRoot where the host's root is seen; the paths in the result are those of the host
     * @throws UncheckedIOException when a directory that is there cannot be listed
     */
    public static FirmwareCatalog read(Path hostRoot) {
        var images = new ArrayList<FirmwareImage>();
        var problems = new ArrayList<String>();
        for (var file : descriptors(hostRoot).entrySet()) {
            try {
                image(hostRoot, file.getKey(), file.getValue()).forEach(images::add);
            } catch (JsonProcessingException e) {
                problems.add(file.getKey() + " is no firmware descriptor: " + e.getOriginalMessage());
            } catch (NoSuchFileException e) {
                problems.add(file.getKey() + " names a file that is not there: " + e.getFile());
            } catch (IOException e) {
                problems.add(file.getKey() + " cannot be read: " + e.getMessage());
            }
        }
        return new FirmwareCatalog(List.copyOf(images), List.copyOf(problems));
    }

    private static Map<String, Path> descriptors(Path hostRoot) {
        var byName = new TreeMap<String, Path>();
        for (String directory : DIRECTORIES) {
            Path path = hostRoot.resolve(directory);
            if (!Files.isDirectory(path)) {
                continue;
            }
            try (Stream<Path> files = Files.list(path)) {
                files.filter(file -> file.getFileName().toString().endsWith(".json"))
                        .forEach(file -> byName.put(file.getFileName().toString(), file));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list " + path, e);
            }
        }
        return byName;
    }

    private static List<FirmwareImage> image(Path hostRoot, String name, Path file) throws IOException {
        Path readable =
                below(hostRoot, file.toString().substring(hostRoot.toString().length()));
        if (Files.size(readable) == 0) {
            return List.of();
        }
        Descriptor descriptor = JSON.readValue(Files.readAllBytes(readable), Descriptor.class);
        List<String> machines = descriptor.machines(ARCHITECTURE);
        var pair = descriptor.split();
        if (!descriptor.isUefi() || machines.isEmpty() || pair.isEmpty()) {
            return List.of();
        }
        Path code = below(hostRoot, pair.get().code());
        Path vars = below(hostRoot, pair.get().vars());
        var build = new FirmwareBuild(
                name,
                descriptor.description(),
                digest(code),
                Files.size(code),
                digest(vars),
                Files.size(vars),
                descriptor.has("secure-boot"),
                descriptor.has("enrolled-keys"),
                descriptor.has("requires-smm"),
                machines);
        return List.of(new FirmwareImage(pair.get().code(), pair.get().vars(), build));
    }

    /**
     * Where a path of the host is seen. A link on the host (Debian's OVMF_CODE_4M.ms.fd is one) points to a path of the
     * host, so it is followed below the host's root and not below this process's own.
     *
     * @throws IOException when the links lead out of the host's root or nowhere
     */
    public static Path below(Path hostRoot, String path) throws IOException {
        Path current = hostRoot.resolve(relative(path)).normalize();
        for (int links = 0; links < 40; links++) {
            if (!Files.isSymbolicLink(current)) {
                return current;
            }
            Path target = Files.readSymbolicLink(current);
            current = target.isAbsolute()
                    ? hostRoot.resolve(relative(target.toString())).normalize()
                    : Objects.requireNonNull(current.getParent())
                            .resolve(target)
                            .normalize();
            if (!current.startsWith(hostRoot)) {
                throw new IOException(path + " leads out of " + hostRoot);
            }
        }
        throw new IOException(path + " is a chain of more than 40 links");
    }

    private static String relative(String path) {
        return path.replaceFirst("^/+", "");
    }

    private static String digest(Path file) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
            return "sha256:" + HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
