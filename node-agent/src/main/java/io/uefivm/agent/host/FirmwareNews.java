package io.uefivm.agent.host;

import io.uefivm.agent.firmware.FirmwareCatalog;
import org.jspecify.annotations.Nullable;

/**
 * Tells when the firmware of a host is not as it was reported. It is looked at and not left to inotify, which says nothing
 * of what a mount brings or hides, nor of the images that descriptors name, wherever these are; a look costs less than a
 * millisecond, because images that did not change are not read.
 */
final class FirmwareNews {
    private @Nullable FirmwareCatalog reported;
    private @Nullable FirmwareCatalog seen;

    synchronized void reported(FirmwareCatalog catalog) {
        reported = catalog;
    }

    /** Two looks in a row must agree: a package or an image that is just being written has not come to rest. */
    synchronized boolean in(FirmwareCatalog now) {
        boolean atRest = now.equals(seen);
        seen = now;
        return atRest && reported != null && !now.equals(reported);
    }
}
