package io.uefivm.agent.hypervisor;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The user that QEMU runs as. libvirt gives a domain's files to it, but not an image of firmware code and variables in one.
 *
 * @param uid number of the user
 * @param gid number of its group
 */
public record QemuUser(int uid, int gid) {
    private static final Pattern LABEL = Pattern.compile(
            "<model>dac</model>(?:(?!</secmodel>).)*?<baselabel type='qemu'>\\+(\\d+):\\+(\\d+)</baselabel>",
            Pattern.DOTALL);

    /** Reads libvirt's capabilities; empty when libvirt changes no owner, which is when QEMU runs as root. */
    static Optional<QemuUser> of(String capabilities) {
        Matcher label = LABEL.matcher(capabilities);
        return label.find()
                ? Optional.of(new QemuUser(Integer.parseInt(label.group(1)), Integer.parseInt(label.group(2))))
                : Optional.empty();
    }
}
