package io.uefivm.agent.domain;

/** Where the bytes of a disk are on the host. */
public sealed interface DiskSource {
    /**
     * An image in a file system.
     *
     * @param path as the host's libvirtd sees it
     * @param directIo whether its file system does I/O past the host's page cache (O_DIRECT), which some cannot
     */
    record FileDisk(String path, boolean directIo) implements DiskSource {
        public FileDisk {
            Paths.requireAbsolute("path of a disk image", path);
        }
    }

    /**
     * A block device.
     *
     * @param path as the host's libvirtd sees it
     */
    record BlockDisk(String path) implements DiskSource {
        public BlockDisk {
            Paths.requireAbsolute("path of a block device", path);
        }
    }

    /** Nowhere: a CD-ROM drive without a medium. */
    record NoMedium() implements DiskSource {}
}
