package io.uefivm.agent.declared;

import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.KeyMaterial;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.Signature;
import io.uefivm.agent.varstore.SignatureList;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.agent.varstore.Vendors;
import io.uefivm.api.v1alpha1.Firmware;
import io.uefivm.api.v1alpha1.FirmwareFile;
import io.uefivm.api.v1alpha1.KeyList;
import io.uefivm.api.v1alpha1.KeyListMode;
import io.uefivm.api.v1alpha1.KeySource;
import io.uefivm.api.v1alpha1.Keys;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the Secure Boot keys that a spec declares. */
final class DeclaredKeys {
    private final Map<String, FirmwareFile> files;
    private final DeclaredContent content;

    private DeclaredKeys(Map<String, FirmwareFile> files, DeclaredContent content) {
        this.files = files;
        this.content = content;
    }

    /**
     * The keys.
     *
     * @return empty when the spec does not say which: without Secure Boot, in setup mode, and when they are those of the
     *     host's template
     * @throws DeclarationException when one of them cannot be had
     */
    static Optional<KeyProfile> of(Firmware firmware, DeclaredContent content) throws DeclarationException {
        if (firmware.secureBoot() != SecureBootMode.Enabled) {
            return Optional.empty();
        }
        return switch (firmware.keys().profile()) {
            case HostTemplate -> Optional.empty();
            case Microsoft -> Optional.of(KeyProfile.microsoft());
            case Custom -> {
                Map<String, FirmwareFile> files =
                        FirmwareFile.of(firmware).stream().collect(Collectors.toMap(FirmwareFile::path, file -> file));
                yield Optional.of(new DeclaredKeys(files, content).custom(firmware.keys()));
            }
        };
    }

    private KeyProfile custom(Keys keys) throws DeclarationException {
        KeyProfile microsoft = KeyProfile.microsoft();
        return new KeyProfile(
                keys.pk() == null ? microsoft.pk() : platformKey(),
                lists("kek", keys.kek(), microsoft.kek()),
                lists("db", keys.db(), microsoft.db()),
                lists("dbx", keys.dbx(), microsoft.dbx()));
    }

    private List<SignatureList> platformKey() throws DeclarationException {
        FirmwareFile file = file("pk", 0);
        List<SignatureList> lists = read(file, "spec.firmware.keys.pk");
        boolean oneCertificate = lists.size() == 1
                && lists.get(0).signatures().size() == 1
                && lists.get(0).signatures().get(0) instanceof Signature.Certificate;
        if (!oneCertificate) {
            throw new DeclarationException(
                    Reason.KeyMaterialInvalid,
                    "spec.firmware.keys.pk: " + file.describe()
                            + " is not one X.509 certificate, which is all that a platform key can be");
        }
        return lists;
    }

    private List<SignatureList> lists(String name, @Nullable KeyList declared, List<SignatureList> microsoft)
            throws DeclarationException {
        if (declared == null) {
            return microsoft;
        }
        List<SignatureList> lists = new ArrayList<>(declared.mode() == KeyListMode.Append ? microsoft : List.of());
        List<KeySource> sources = declared.sources();
        for (int i = 0; i < sources.size(); i++) {
            for (SignatureList list : read(file(name, i), "spec.firmware.keys." + name + ".sources[" + i + "]")) {
                if (!Entry.of(lists).containsAll(Entry.of(list))) {
                    lists.add(list);
                }
            }
        }
        return lists;
    }

    private FirmwareFile file(String list, int index) {
        FirmwareFile file = files.get(FirmwareFile.keyPath(list, index));
        if (file == null) {
            throw new IllegalArgumentException("keys." + list + "[" + index + "] names neither Secret nor ConfigMap");
        }
        return file;
    }

    private List<SignatureList> read(FirmwareFile file, String field) throws DeclarationException {
        Bytes material = content.of(file, field);
        try {
            List<SignatureList> lists = KeyMaterial.parse(Vendors.UEFIVM, material);
            if (Entry.of(lists).isEmpty()) {
                throw new DeclarationException(
                        Reason.KeyMaterialInvalid,
                        field + ": " + file.describe() + " holds no certificate and no hash");
            }
            return lists;
        } catch (VarstoreException e) {
            throw new DeclarationException(
                    Reason.KeyMaterialInvalid,
                    field + ": " + file.describe() + " is none of PEM, DER, EFI signature list and .auth payload: "
                            + e.getMessage());
        }
    }
}
