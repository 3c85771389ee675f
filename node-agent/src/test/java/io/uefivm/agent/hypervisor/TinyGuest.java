package io.uefivm.agent.hypervisor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/** Guests of a few instructions, each a 64 KiB ROM: enough to run, to power off and to obey the power button. */
public enum TinyGuest {
    /** Runs until it is killed. */
    STUBBORN(""),
    /** Powers off when the power button is pressed. */
    OBEDIENT(TinyGuest.ENABLE_ACPI + TinyGuest.WAIT_FOR_BUTTON + TinyGuest.POWER_OFF),
    /** Works a few seconds, then powers off. */
    BRIEF(TinyGuest.ENABLE_ACPI + TinyGuest.WORK + TinyGuest.POWER_OFF),
    /** Arms the watchdog in slot 18 and hangs; it fires after two seconds. */
    HUNG(TinyGuest.ARM_WATCHDOG);

    /**
     * ICH9's power management registers, in the LPC bridge at 00:1f.0: PMBASE (0x40) = 0x600, ACPI_EN in ACPI_CNTL
     * (0x44).
     */
    private static final String ENABLE_ACPI = "66b840f80080" // mov eax, 0x8000f840
            + "baf80c66ef" // mov dx, 0xcf8; out dx, eax
            + "66b801060000" // mov eax, 0x601
            + "bafc0c66ef" // mov dx, 0xcfc; out dx, eax
            + "66b844f80080" // mov eax, 0x8000f844
            + "baf80c66ef" // mov dx, 0xcf8; out dx, eax
            + "b080bafc0cee"; // mov al, 0x80; mov dx, 0xcfc; out dx, al

    /** PWRBTN_EN in PM1_EN (0x602), then until PWRBTN_STS in PM1_STS (0x600). */
    private static final String WAIT_FOR_BUTTON = "ba0206b80001ef" // mov dx, 0x602; mov ax, 0x100; out dx, ax
            + "ba0006ed" // mov dx, 0x600; in ax, dx
            + "f6c40174fa"; // test ah, 1; jz back to in

    private static final String WORK = "66b900000010" // mov ecx, 0x10000000
            + "664975fc"; // dec ecx; jnz

    /** SLP_EN with sleep type 0, QEMU's S5, in PM1_CNT (0x604). */
    private static final String POWER_OFF = "ba0406b80020ef"; // mov dx, 0x604; mov ax, 0x2000; out dx, ax

    /**
     * The 6300ESB's configuration (0x60): ticks of 1 us, and reboot; then its lock register (0x68): enabled. Both of its
     * timers begin at 0xfffff.
     */
    private static final String ARM_WATCHDOG = "66b860c00080" // mov eax, 0x8000c060
            + "baf80c66ef" // mov dx, 0xcf8; out dx, eax
            + "b80400bafc0cef" // mov ax, 4; mov dx, 0xcfc; out dx, ax
            + "66b868c00080" // mov eax, 0x8000c068
            + "baf80c66ef" // mov dx, 0xcf8; out dx, eax
            + "b002bafc0cee"; // mov al, 2; mov dx, 0xcfc; out dx, al

    private static final String HALT = "f4ebfd"; // hlt; jmp back to hlt
    private static final int SIZE = 64 * 1024;

    private final String code;

    TinyGuest(String code) {
        this.code = code;
    }

    /**
     * XML of a domain that runs it.
     *
     * @param metadata what goes into the metadata element
     * @param directory for the ROM, readable for QEMU
     */
    public String xml(String uuid, String name, String metadata, Path directory) {
        return """
            <domain type='qemu'>
              <name>%s</name>
              <uuid>%s</uuid>
              <metadata>%s</metadata>
              <memory unit='MiB'>16</memory>
              <vcpu>1</vcpu>
              <os>
                <type arch='x86_64' machine='q35'>hvm</type>
                <loader type='rom' readonly='yes'>%s</loader>
              </os>
              <features><acpi/></features>
              <on_crash>destroy</on_crash>
              <devices>
                <controller type='usb' model='none'/>
                <memballoon model='none'/>
              </devices>
            </domain>
            """.formatted(name, uuid, metadata, rom(directory));
    }

    private Path rom(Path directory) {
        byte[] rom = new byte[SIZE];
        Arrays.fill(rom, (byte) 0xf4);
        byte[] bytes = HexFormat.of().parseHex(code + HALT);
        System.arraycopy(bytes, 0, rom, 0, bytes.length);
        // At the reset vector, 16 bytes below the end: jmp near to the start of the ROM.
        int reset = SIZE - 16;
        int displacement = -(reset + 3);
        rom[reset] = (byte) 0xe9;
        rom[reset + 1] = (byte) displacement;
        rom[reset + 2] = (byte) (displacement >> 8);
        try {
            return Files.write(directory.resolve(name() + ".rom"), rom);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
