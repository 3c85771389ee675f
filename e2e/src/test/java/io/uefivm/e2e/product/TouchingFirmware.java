package io.uefivm.e2e.product;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A firmware that is none: it waits some seconds, writes to every page of memory from 2 MiB to {@link #TOUCHED}, and halts.
 * For hosts on whose KVM OVMF does not live, and for tests that count memory.
 */
final class TouchingFirmware {
    /** Up to where it writes, in bytes. */
    static final long TOUCHED = 256 << 20;

    private static final int SIZE = 64 * 1024;
    private static final int RESET_VECTOR = SIZE - 16;

    private static final String CODE = "fa" // cli
            + "2e660f01160001" // lgdt cs:[0x100]
            + "0f20c00c010f22c0" // mov eax, cr0; or al, 1; mov cr0, eax
            + "66ea1800ffff0800" // jmp 8:0xffff0018
            + "66b810008ed8" // mov ax, 0x10; mov ds, ax
            + "b900000020" // mov ecx, 0x20000000
            + "4975fd" // dec ecx; jnz back to dec
            + "bb00002000" // mov ebx, 0x200000
            + "891b" // mov [ebx], ebx
            + "81c300100000" // add ebx, 0x1000
            + "81fb00000010" // cmp ebx, 0x10000000
            + "72f0" // jb back to mov
            + "f4ebfd"; // hlt; jmp back to hlt

    /** Size and address of the table, and then the table: nothing, code and data of 4 GiB each. */
    private static final String DESCRIPTORS =
            "17000801ffff0000" + "0000000000000000" + "ffff0000009bcf00" + "ffff00000093cf00";

    private static final String DESCRIPTOR = """
            {
              "description": "no firmware, but something that runs",
              "interface-types": ["uefi"],
              "mapping": {
                "device": "flash",
                "executable": {"filename": "/run/touching.fd", "format": "raw"},
                "nvram-template": {"filename": "/usr/share/OVMF/OVMF_VARS_4M.fd", "format": "raw"}
              },
              "targets": [{"architecture": "x86_64", "machines": ["pc-q35-*"]}],
              "features": []
            }
            """;

    private TouchingFirmware() {}

    /**
     * Shell commands that make it the only firmware of a host.
     *
     * @param shared a directory that the host sees at the same path
     */
    static String install(Path shared) throws IOException {
        byte[] image = new byte[SIZE];
        Arrays.fill(image, (byte) 0xf4);
        put(image, 0, CODE);
        put(image, 0x100, DESCRIPTORS);
        // jmp near to the start; real mode starts at f000:fff0.
        int displacement = -(RESET_VECTOR + 3);
        image[RESET_VECTOR] = (byte) 0xe9;
        image[RESET_VECTOR + 1] = (byte) displacement;
        image[RESET_VECTOR + 2] = (byte) (displacement >> 8);
        Files.write(shared.resolve("touching.fd"), image);
        Files.writeString(shared.resolve("touching.json"), DESCRIPTOR);
        return """
                install -m 644 %1$s/touching.fd /run/touching.fd
                rm /usr/share/qemu/firmware/*
                install -m 644 %1$s/touching.json /usr/share/qemu/firmware/50-touching.json
                """.formatted(shared);
    }

    private static void put(byte[] image, int at, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        System.arraycopy(bytes, 0, image, at, bytes.length);
    }
}
