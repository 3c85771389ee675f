package io.uefivm.api.v1alpha1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a Secret or ConfigMap that a VM's firmware is declared from, as a file of the volume {@link
 * Api#VOLUME_FIRMWARE} of the VM's pod. So whoever reads it needs no right on the object. The file is absent when the
 * object or the entry is.
 *
 * @param path path within the volume
 * @param source which kind of object
 * @param entry which object, and which entry of it
 */
public record FirmwareFile(String path, Source source, ObjectKey entry) {
    /** The kind of object that the file comes from; named as Kubernetes names the kind. */
    public enum Source {
        Secret,
        ConfigMap
    }

    /** The files of everything that a spec refers to, in the order of the spec. */
    public static List<FirmwareFile> of(Firmware firmware) {
        List<FirmwareFile> files = new ArrayList<>();
        Keys keys = firmware.keys();
        addKeys(files, "pk", keys.pk() == null ? List.of() : List.of(keys.pk()));
        addKeys(files, "kek", sources(keys.kek()));
        addKeys(files, "db", sources(keys.db()));
        addKeys(files, "dbx", sources(keys.dbx()));
        for (int i = 0; i < firmware.variables().size(); i++) {
            DeclaredVariable variable = firmware.variables().get(i);
            file(variablePath(i), variable.secretKeyRef(), variable.configMapKeyRef())
                    .ifPresent(files::add);
        }
        return List.copyOf(files);
    }

    /**
     * The path of a key source.
     *
     * @param list {@code pk}, {@code kek}, {@code db} or {@code dbx}
     * @param index place in the list of sources, from 0; 0 for {@code pk}
     */
    public static String keyPath(String list, int index) {
        return "keys/" + list + "/" + index;
    }

    /**
     * The path of a variable's value.
     *
     * @param index place in {@code spec.firmware.variables}, from 0
     */
    public static String variablePath(int index) {
        return "variables/" + index;
    }

    /** As people look for it: {@code Secret name, key key}. */
    public String describe() {
        return source + " " + entry.name() + ", key " + entry.key();
    }

    private static void addKeys(List<FirmwareFile> files, String list, List<KeySource> sources) {
        for (int i = 0; i < sources.size(); i++) {
            file(keyPath(list, i), sources.get(i).secretKeyRef(), sources.get(i).configMapKeyRef())
                    .ifPresent(files::add);
        }
    }

    private static List<KeySource> sources(@Nullable KeyList list) {
        return list == null ? List.of() : list.sources();
    }

    private static Optional<FirmwareFile> file(String path, @Nullable ObjectKey secret, @Nullable ObjectKey configMap) {
        return Stream.of(entry(path, Source.Secret, secret), entry(path, Source.ConfigMap, configMap))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<FirmwareFile> entry(String path, Source source, @Nullable ObjectKey entry) {
        return Optional.ofNullable(entry).map(e -> new FirmwareFile(path, source, e));
    }
}
