package io.uefivm.agent.declared;

import io.uefivm.agent.varstore.Bytes;
import io.uefivm.api.v1alpha1.FirmwareFile;
import io.uefivm.api.v1alpha1.Reason;
import java.util.Map;

/**
 * The content of the Secrets and ConfigMaps that a spec refers to.
 *
 * @param files by {@link FirmwareFile#path()}; one whose object or entry does not exist is not in it
 */
public record DeclaredContent(Map<String, Bytes> files) {
    /** Copies the map. */
    public DeclaredContent {
        files = Map.copyOf(files);
    }

    /**
     * The content of a file.
     *
     * @param field where the spec refers to it, for messages
     * @throws DeclarationException {@code KeyMaterialMissing} without the object or the entry, {@code KeyMaterialInvalid}
     *     when the entry is empty
     */
    Bytes of(FirmwareFile file, String field) throws DeclarationException {
        Bytes content = files.get(file.path());
        if (content == null) {
            throw new DeclarationException(
                    Reason.KeyMaterialMissing,
                    field + ": there is no " + file.describe()
                            + " in the VM's namespace; create it, or take it out of the spec");
        }
        if (content.length() == 0) {
            throw new DeclarationException(
                    Reason.KeyMaterialInvalid, field + ": " + file.describe() + " is empty; put the content there");
        }
        return content;
    }
}
