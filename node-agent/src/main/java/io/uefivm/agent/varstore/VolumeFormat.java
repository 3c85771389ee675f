package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.UUID;

/**
 * The two headers in front of the records: EFI_FIRMWARE_VOLUME_HEADER (PI specification, volume 3, 3.2.1) and EDK2's
 * VARIABLE_STORE_HEADER.
 *
 * <p>The rules are those of OVMF's own check before it trusts a file (PlatformValidateNvVarStore in
 * OvmfPkg/Library/PlatformInitLib/Platform.c): a store that passes here is one that the firmware uses and does not erase.
 */
final class VolumeFormat {
    static final int VOLUME_HEADER_LENGTH = 0x48;
    static final int FIRST_RECORD = 0x64;

    private static final UUID SYSTEM_NV_DATA = UUID.fromString("fff12b8d-7696-4c8b-a985-2747075b4f50");
    private static final UUID AUTHENTICATED_STORE = UUID.fromString("aaf32c78-947b-439a-a180-2e144ec37792");
    private static final UUID PLAIN_STORE = UUID.fromString("ddcf3616-3275-4164-98b6-fe85707ffe7d");
    private static final long SIGNATURE = 0x4856465fL;
    private static final long VOLUME_ATTRIBUTES = 0x0004feffL;
    private static final int REVISION = 2;
    private static final int FORMATTED = 0x5a;
    private static final int HEALTHY = 0xfe;

    private VolumeFormat() {}

    /** Both headers of a store that OVMF's build would make. */
    static Bytes headers(StoreSize size) {
        Bytes unsummed = volumeHeader(size, 0);
        return new ByteWriter()
                .bytes(volumeHeader(size, 0x10000 - sum(unsummed) & 0xffff))
                .guid(AUTHENTICATED_STORE)
                .u32(size.storeEnd() - VOLUME_HEADER_LENGTH)
                .u8(FORMATTED)
                .u8(HEALTHY)
                .u16(0)
                .u32(0)
                .toBytes();
    }

    private static Bytes volumeHeader(StoreSize size, int checksum) {
        return new ByteWriter()
                .u64(0)
                .u64(0)
                .guid(SYSTEM_NV_DATA)
                .u64(size.fileLength())
                .u32(SIGNATURE)
                .u32(VOLUME_ATTRIBUTES)
                .u16(VOLUME_HEADER_LENGTH)
                .u16(checksum)
                .u16(0)
                .u8(0)
                .u8(REVISION)
                .u32(size.fileLength() / StoreSize.BLOCK)
                .u32(StoreSize.BLOCK)
                .u64(0)
                .toBytes();
    }

    static void check(Bytes image, StoreSize size) {
        volume(image.u32(0x28) == SIGNATURE, 0x28, "There is no firmware volume: _FVH is missing");
        volume(image.guid(0x10).equals(SYSTEM_NV_DATA), 0x10, "The firmware volume is not one for variables");
        volume(image.u64(0x20) == size.fileLength(), 0x20, "The firmware volume's length is not the file's");
        volume(image.u32(0x2c) == VOLUME_ATTRIBUTES, 0x2c, "The firmware volume has other attributes than OVMF's");
        volume(image.u16(0x30) == VOLUME_HEADER_LENGTH, 0x30, "The firmware volume's header has another length");
        volume(image.u8(0x37) == REVISION, 0x37, "The firmware volume has an unknown revision");
        volume(
                sum(image.slice(0, VOLUME_HEADER_LENGTH)) == 0,
                0x32,
                "The firmware volume's header does not match its checksum");
        checkStore(image, size);
    }

    private static void checkStore(Bytes image, StoreSize size) {
        int at = VOLUME_HEADER_LENGTH;
        UUID format = image.guid(at);
        store(
                !format.equals(PLAIN_STORE),
                at,
                "The store has the old format without authentication, which OVMF no longer uses; start from an empty store");
        store(format.equals(AUTHENTICATED_STORE), at, "There is no variable store: its GUID is " + format);
        store(
                image.u32(at + 0x10) == size.storeEnd() - VOLUME_HEADER_LENGTH,
                at + 0x10,
                "The variable store's size is not that of the layout");
        store(image.u8(at + 0x14) == FORMATTED, at + 0x14, "The variable store is not marked as formatted");
        store(image.u8(at + 0x15) == HEALTHY, at + 0x15, "The variable store is not marked as healthy");
    }

    private static void volume(boolean holds, int offset, String otherwise) {
        require(Problem.VOLUME_HEADER, holds, offset, otherwise);
    }

    private static void store(boolean holds, int offset, String otherwise) {
        require(Problem.STORE_HEADER, holds, offset, otherwise);
    }

    private static void require(Problem problem, boolean holds, int offset, String otherwise) {
        if (!holds) {
            throw new VarstoreException(problem, offset, otherwise);
        }
    }

    private static int sum(Bytes header) {
        int sum = 0;
        for (int at = 0; at < header.length(); at += 2) {
            sum += header.u16(at);
        }
        return sum & 0xffff;
    }
}
