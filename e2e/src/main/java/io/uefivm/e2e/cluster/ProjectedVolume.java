package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapProjection;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.ProjectedVolumeSource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The files of a projected volume of Secrets and ConfigMaps, laid out as kubelet's AtomicWriter does: they are in a
 * directory {@code ..<time>}, the link {@code ..data} leads to it, and a link per top-level entry leads through {@code
 * ..data}.
 *
 * <p>Left out: other sources, later changes of the objects, fsGroup.
 *
 * @param files content and mode by path within the volume
 */
record ProjectedVolume(Map<String, Entry> files) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss.").withZone(ZoneOffset.UTC);
    private static final String DATA = "..data";
    private static final int DEFAULT_MODE = 0644;

    /** @param mode permission bits */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Entry(byte[] content, int mode) {}

    /** An object that a source refers to, or why it is not there. */
    private record Found(@Nullable Map<String, byte[]> entries, String name, boolean optional) {}

    /**
     * Reads the objects.
     *
     * @throws IOException when an object or key that is not optional is missing; the pod has to wait
     */
    static ProjectedVolume of(KubernetesClient client, String namespace, ProjectedVolumeSource volume)
            throws IOException {
        Map<String, Entry> files = new TreeMap<>();
        int standard = Objects.requireNonNullElse(volume.getDefaultMode(), DEFAULT_MODE);
        for (VolumeProjection source : volume.getSources()) {
            if (source.getSecret() != null) {
                SecretProjection of = source.getSecret();
                Secret secret = client.secrets()
                        .inNamespace(namespace)
                        .withName(of.getName())
                        .get();
                add(
                        files,
                        new Found(
                                secret == null ? null : entries(secret),
                                "secret " + of.getName(),
                                is(of.getOptional())),
                        of.getItems(),
                        standard);
            } else if (source.getConfigMap() != null) {
                ConfigMapProjection of = source.getConfigMap();
                ConfigMap map = client.configMaps()
                        .inNamespace(namespace)
                        .withName(of.getName())
                        .get();
                add(
                        files,
                        new Found(map == null ? null : entries(map), "configmap " + of.getName(), is(of.getOptional())),
                        of.getItems(),
                        standard);
            } else {
                throw new IOException("a projected volume of something else is not simulated");
            }
        }
        return new ProjectedVolume(files);
    }

    private static void add(Map<String, Entry> files, Found found, List<KeyToPath> items, int standard)
            throws IOException {
        if (found.entries() == null) {
            if (found.optional()) {
                return;
            }
            throw new IOException("%s not found".formatted(found.name()));
        }
        if (items.isEmpty()) {
            found.entries().forEach((key, content) -> files.put(key, new Entry(content, standard)));
        }
        for (KeyToPath item : items) {
            byte[] content = found.entries().get(item.getKey());
            if (content != null) {
                files.put(item.getPath(), new Entry(content, Objects.requireNonNullElse(item.getMode(), standard)));
            } else if (!found.optional()) {
                throw new IOException("%s references non-existent key %s".formatted(found.name(), item.getKey()));
            }
        }
    }

    private static boolean is(@Nullable Boolean optional) {
        return Boolean.TRUE.equals(optional);
    }

    private static Map<String, byte[]> entries(Secret secret) {
        return decoded(secret.getData());
    }

    private static Map<String, byte[]> entries(ConfigMap map) {
        Map<String, byte[]> entries = new TreeMap<>(decoded(map.getBinaryData()));
        Objects.requireNonNullElse(map.getData(), Map.<String, String>of())
                .forEach((key, text) -> entries.put(key, text.getBytes(StandardCharsets.UTF_8)));
        return entries;
    }

    private static Map<String, byte[]> decoded(@Nullable Map<String, String> base64) {
        return Objects.requireNonNullElse(base64, Map.<String, String>of()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, e -> Base64.getDecoder().decode(e.getValue())));
    }

    /** Writes the files into an existing directory; once only. */
    void writeTo(Path directory) throws IOException {
        if (Files.isSymbolicLink(directory.resolve(DATA))) {
            return;
        }
        Path data = Files.createTempDirectory(directory, TIME.format(Instant.now()));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Map.Entry<String, Entry> file : files.entrySet()) {
            Path path = data.resolve(file.getKey());
            Files.createDirectories(Objects.requireNonNull(path.getParent()));
            Files.write(path, file.getValue().content());
            Files.setAttribute(path, "unix:mode", file.getValue().mode());
        }
        for (String entry : files.keySet().stream()
                .map(path -> path.replaceFirst("/.*", ""))
                .distinct()
                .toList()) {
            Path link = directory.resolve(entry);
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, Path.of(DATA, entry));
        }
        // Last, so that whoever sees it sees all.
        Files.createSymbolicLink(directory.resolve(DATA), data.getFileName());
    }
}
