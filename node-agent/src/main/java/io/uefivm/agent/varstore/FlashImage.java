package io.uefivm.agent.varstore;

import java.util.Arrays;

/** A flash image that begins with a variable store: the store alone, or with the firmware's code behind it. */
public final class FlashImage {
    /** FvLength in the header of a firmware volume. */
    private static final int VOLUME_LENGTH = 0x20;

    private FlashImage() {}

    /**
     * The variable store of an image.
     *
     * @return its first bytes, as many as a store of its layout has; all of them when it holds nothing else, or nothing that
     *     is known
     */
    public static byte[] store(byte[] image) {
        Bytes bytes = Bytes.wrap(image);
        return Arrays.stream(StoreSize.values())
                .mapToInt(StoreSize::fileLength)
                .filter(length -> length < image.length && bytes.u64(VOLUME_LENGTH) == length)
                .mapToObj(length -> Arrays.copyOf(image, length))
                .findFirst()
                .orElse(image);
    }
}
