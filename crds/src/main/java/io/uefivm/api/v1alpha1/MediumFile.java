package io.uefivm.api.v1alpha1;

import io.uefivm.api.v1alpha1.FirmwareFile.Source;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of media that the agent makes, as far as they come from Secrets: they reach it with those of the firmware. */
public final class MediumFile {
    public static final String USER_DATA = "user-data";
    public static final String NETWORK_CONFIG = "network-config";
    public static final String ANSWERS = "answers";

    private MediumFile() {}

    /** The files of all disks, in the order of the spec. */
    public static List<FirmwareFile> of(List<Disk> disks) {
        var files = new ArrayList<FirmwareFile>();
        for (Disk disk : disks) {
            CloudInit cloudInit = disk.cloudInit();
            if (cloudInit != null) {
                add(files, disk, USER_DATA, cloudInit.userDataSecretRef());
                add(files, disk, NETWORK_CONFIG, cloudInit.networkDataSecretRef());
            }
            AnswerFile answers = disk.answerFile();
            if (answers != null) {
                add(files, disk, ANSWERS, answers.secretRef());
            }
        }
        return List.copyOf(files);
    }

    /** The path of a disk's file within the volume {@link Api#VOLUME_FIRMWARE}. */
    public static String path(Disk disk, String file) {
        return "media/" + disk.name() + "/" + file;
    }

    private static void add(List<FirmwareFile> files, Disk disk, String file, @Nullable ObjectKey secret) {
        if (secret != null) {
            files.add(new FirmwareFile(path(disk, file), Source.Secret, secret));
        }
    }
}
