package io.uefivm.agent.host;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A firmware of a few instructions that writes a marker to the first serial port and halts: it shows that an accelerator
 * executes code from the reset vector in real mode on, which is more than that its device can be opened.
 */
final class ProbeRom {
    /** What it writes. */
    static final String MARKER = "uefivm-probe";

    private static final int SIZE = 64 * 1024;
    private static final int RESET_VECTOR = SIZE - 16;
    private static final int CODE = 0;
    private static final byte HALT = (byte) 0xf4;

    private ProbeRom() {}

    /** The image, to be mapped so that it ends at 4 GiB. */
    static byte[] image() {
        byte[] rom = new byte[SIZE];
        Arrays.fill(rom, HALT);
        byte[] code = code();
        System.arraycopy(code, 0, rom, CODE, code.length);
        // jmp near to CODE; real mode starts at f000:fff0, and the displacement counts from the next instruction.
        int displacement = CODE - (RESET_VECTOR + 3);
        rom[RESET_VECTOR] = (byte) 0xe9;
        rom[RESET_VECTOR + 1] = (byte) displacement;
        rom[RESET_VECTOR + 2] = (byte) (displacement >> 8);
        return rom;
    }

    private static byte[] code() {
        byte[] marker = MARKER.getBytes(StandardCharsets.US_ASCII);
        byte[] code = new byte[3 + marker.length * 3 + 1];
        int at = 0;
        // mov dx, 0x3f8
        code[at++] = (byte) 0xba;
        code[at++] = (byte) 0xf8;
        code[at++] = 0x03;
        for (byte letter : marker) {
            // mov al, letter; out dx, al
            code[at++] = (byte) 0xb0;
            code[at++] = letter;
            code[at++] = (byte) 0xee;
        }
        code[at] = HALT;
        return code;
    }
}
