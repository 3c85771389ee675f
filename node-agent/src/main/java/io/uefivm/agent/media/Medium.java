package io.uefivm.agent.media;

import io.uefivm.api.v1alpha1.AnswerFile;
import io.uefivm.api.v1alpha1.CloudInit;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.MediumFile;
import io.uefivm.api.v1alpha1.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the media that a spec describes instead of naming a claim.
 *
 * @param vmName name of the VM, the guest's host name
 * @param vmUuid the guest's own UUID: cloud-init takes another one for another machine, and sets that up from the beginning
 * @param secrets content that comes from Secrets, by {@link MediumFile#path}; what does not exist is not in it
 */
public record Medium(String vmName, String vmUuid, Map<String, byte[]> secrets) {
    /** By this label cloud-init knows its medium (data source NoCloud). */
    private static final String CLOUD_INIT_LABEL = "cidata";

    private static final String ANSWERS_LABEL = "answers";

    /** Copies the map. */
    public Medium {
        secrets = Map.copyOf(secrets);
    }

    /**
     * The image of a disk that has no claim.
     *
     * @throws MediumException when a Secret or its entry is not there
     */
    public byte[] image(Disk disk) throws MediumException {
        CloudInit cloudInit = disk.cloudInit();
        if (cloudInit != null) {
            return IsoImage.of(CLOUD_INIT_LABEL, cloudInit(disk, cloudInit));
        }
        AnswerFile answers = disk.answerFile();
        if (answers != null) {
            byte[] xml = content(disk, MediumFile.ANSWERS, "answerFile.secretRef", answers.xml(), answers.secretRef());
            // Setup from an installation medium looks for the first, an image prepared with sysprep for the second.
            return IsoImage.of(ANSWERS_LABEL, Map.of("Autounattend.xml", xml, "Unattend.xml", xml));
        }
        throw new IllegalArgumentException("disks[" + disk.name() + "] has a claim or nothing at all");
    }

    private Map<String, byte[]> cloudInit(Disk disk, CloudInit cloudInit) throws MediumException {
        var files = new TreeMap<String, byte[]>();
        files.put(
                "meta-data",
                ("instance-id: " + vmUuid + "\nlocal-hostname: " + vmName + "\n").getBytes(StandardCharsets.UTF_8));
        files.put(
                MediumFile.USER_DATA,
                content(
                        disk,
                        MediumFile.USER_DATA,
                        "cloudInit.userDataSecretRef",
                        cloudInit.userData(),
                        cloudInit.userDataSecretRef()));
        if (cloudInit.networkData() != null || cloudInit.networkDataSecretRef() != null) {
            files.put(
                    MediumFile.NETWORK_CONFIG,
                    content(
                            disk,
                            MediumFile.NETWORK_CONFIG,
                            "cloudInit.networkDataSecretRef",
                            cloudInit.networkData(),
                            cloudInit.networkDataSecretRef()));
        }
        return files;
    }

    private byte[] content(Disk disk, String file, String field, @Nullable String text, @Nullable ObjectKey secret)
            throws MediumException {
        if (text != null) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] content = secrets.get(MediumFile.path(disk, file));
        if (content == null) {
            throw new MediumException("disks[" + disk.name() + "]." + field + ": there is no "
                    + (secret == null ? "content" : "Secret " + secret.name() + " with key " + secret.key())
                    + " in the VM's namespace; create it, or take it out of the spec");
        }
        return content;
    }
}
