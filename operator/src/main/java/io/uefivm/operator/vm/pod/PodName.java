package io.uefivm.operator.vm.pod;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names VM pods: the VM's name and the epoch, in what a pod's host name may be. */
public final class PodName {
    /** A pod's host name is a DNS label. */
    private static final int LONGEST = 63;

    private static final int HASH_DIGITS = 8;

    private PodName() {}

    /** The name of the pod of an epoch; the same for the same VM and epoch. */
    public static String of(String vmName, long epoch) {
        String suffix = "-" + epoch;
        String label = vmName.replace('.', '-');
        if (label.equals(vmName) && label.length() + suffix.length() <= LONGEST) {
            return label + suffix;
        }
        // Two long or dotted names that look the same when shortened must not get the same pod.
        String hash = "-" + hash(vmName);
        int room = LONGEST - suffix.length() - hash.length();
        String prefix = label.substring(0, Math.min(label.length(), room)).replaceAll("-+$", "");
        return prefix + hash + suffix;
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
