package io.uefivm.agent.domain;

/** Where the bytes of a disk are on the host, always raw. */
public sealed interface DiskSource {
    /** The path as the host's libvirtd sees it. */
    String path();

    /** A raw image in a file system. */
    record FileDisk(String path) implements DiskSource {
        public FileDisk {
            Paths.requireAbsolute("path of a disk image", path);
        }
    }

    /** A block device. */
    record BlockDisk(String path) implements DiskSource {
        public BlockDisk {
            Paths.requireAbsolute("path of a block device", path);
        }
    }
}
