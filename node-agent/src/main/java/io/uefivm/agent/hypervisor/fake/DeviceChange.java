package io.uefivm.agent.hypervisor.fake;

import io.uefivm.agent.hypervisor.HypervisorException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The change of a disk in a domain's XML. */
final class DeviceChange {
    private static final Pattern DISK = Pattern.compile("<disk\\b.*?</disk>", Pattern.DOTALL);
    private static final Pattern TARGET = Pattern.compile("<target[^>]*\\bdev=[\"']([^\"']+)");

    private DeviceChange() {}

    /**
     * The domain with the disk of the same target replaced.
     *
     * @throws HypervisorException REFUSED when it has none
     */
    static String in(String domainXml, String diskXml) throws HypervisorException {
        String target = target(diskXml);
        Matcher disks = DISK.matcher(domainXml);
        while (disks.find()) {
            if (target(disks.group()).equals(target)) {
                return domainXml.substring(0, disks.start()) + diskXml + domainXml.substring(disks.end());
            }
        }
        throw new HypervisorException(
                HypervisorException.Kind.REFUSED, "invalid argument: disk '" + target + "' not found", null);
    }

    private static String target(String diskXml) {
        Matcher target = TARGET.matcher(diskXml);
        return target.find() ? target.group(1) : "";
    }
}
