package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Held to the library behind efibootmgr itself. */
@SuppressWarnings("NullAway.Init")
class EfibootmgrTextTest {
    private static final String END = "7fff0400";

    /** Of efivar/efivar-dp.h. */
    interface Efivar extends Library {
        NativeLong efidp_format_device_path(byte[] text, NativeLong size, byte[] path, NativeLong limit);
    }

    private static Efivar efivar;

    @BeforeAll
    static void load() {
        try {
            efivar = Native.load("libefivar.so.1", Efivar.class);
        } catch (UnsatisfiedLinkError e) {
            throw new AssertionError("libefivar is missing: apt-get install -y --no-install-recommends libefivar1", e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // A disk as Debian's installer enters it, of libvirt's virtio, SATA, SCSI, NVMe and USB disks, and a
                // CD-ROM.
                "02010c00d041030a00000000 01010600021d"
                        + " 04012a00010000000008000000000000000010000000000033221100554477668899aabbccddeeff0202"
                        + " 040434005c004500460049005c00640065006200690061006e005c007300680069006d007800360034002e006500660069000000",
                "02010c00d041030a00000000 01010600021f 03120a000100ffff0000",
                "02010c00d041030a00000000 010106000001 0302080001000200",
                "02010c00d041030a00000000 010106000002 0317100001000000efcdab8967452301",
                "02010c00d041030a00000000 010106000003 030506000102 0311050001",
                "04021800000000000100000000000000 0200000000000000",
                "04012a000200000000080000000000000000100000000000efbeadde0000000000000000000000000101",
                "04012a00020000000008000000000000000010000000000000010203040506070809 0a0b0c0d0e0f0709",
                // A network card, with and without a type; its boot by HTTP from a server that DHCP names.
                "02010c00d041080a01000000 030b2500525400123456 0000000000000000000000000000000000000000000000000000 01",
                "030b2500525400123456 0000000000000000000000000000000000000000000000000000 00 03180400",
                "03181500687474703a2f2f6578616d706c652f61 2e",
                // OVMF's own shell and setup screen, and what BIOSes left.
                "040714002100 4b 7f 5cd4a04c8f8ac04a4d3f1f19 040614002100 4b 7f 5cd4a04c8f8ac04a4d3f1f19",
                "01041400225b4e965964d2118e3900a0c969723b",
                "01041600225b4e965964d2118e3900a0c969723b0102",
                "04031500225b4e965964d2118e3900a0c969723b05",
                "02010c00d041010500000000 030e130000000000 00c2010000000000 08 01 01 030a14005347c1e0bef9d2119a0c0090273fc14d",
                "02010c00d041040600000000",
                "02010c00d041010400000000",
                "02010c003412785601000000",
                "04081800000000000010000000000000 0020000000000000",
                "0163060001 02",
            })
    void isWhatItsLibrarySays(String hex) {
        Bytes path = Bytes.ofHex(hex.replace(" ", "") + END);
        assertThat(DevicePath.parse(path).efibootmgr()).isEqualTo(libefivar(path.toArray()));
    }

    private static String libefivar(byte[] path) {
        byte[] text = new byte[4096];
        long length = efivar.efidp_format_device_path(
                        text, new NativeLong(text.length), path, new NativeLong(path.length))
                .longValue();
        // The terminating zero counts.
        assertThat(length).isPositive();
        return new String(text, 0, (int) length - 1, StandardCharsets.UTF_8);
    }
}
