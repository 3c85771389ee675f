package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DevicePathTest {
    private static final String END = "7fff0400";

    /** Expected texts follow the specification's table (10.6.1.6) and what OVMF's shell prints for such devices. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "01010600021f                                       | Pci(0x1F,0x2)",
                "010405000 0                                        | HardwarePath(4,00)",
                "02010c00d041030a00000000                           | PciRoot(0x0)",
                "02010c00d041030301000000                           | Acpi(PNP0303,0x1)",
                "02010c00d041010500000000                           | Serial(0x0)",
                "02010c003412785601000000                           | Acpi(0x56781234,0x1)",
                "02030c000001018000020180                           | AcpiAdr(0x80010100,0x80010200)",
                "0302080001000200                                   | Scsi(0x1,0x2)",
                "030506000102                                       | USB(0x1,0x2)",
                "03120a000100ffff0000                               | Sata(0x1,0xFFFF,0x0)",
                "0317100001000000efcdab8967452301                   | NVMe(0x1,01-23-45-67-89-AB-CD-EF)",
                "030b2500525400123456 0000000000000000000000000000000000000000000000000000 01 | MAC(525400123456,0x1)",
                "030c1b000a00020f 01020304 0000 0000 0600 00 0a000202 ffffff00"
                        + " | IPv4(1.2.3.4,TCP,DHCP,10.0.2.15,10.0.2.2,255.255.255.0)",
                "030c1b0000000000 00000000 0000 0000 0000 00 00000000 00000000"
                        + " | IPv4(0.0.0.0,0x0,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)",
                "030d3c00 00000000000000000000000000000000 fe800000000000000000000000000001 0000 0000 1100 01 40"
                        + " 00000000000000000000000000000000"
                        + " | IPv6(FE80:0000:0000:0000:0000:0000:0000:0001,UDP,StatelessAutoConfigure,"
                        + "0000:0000:0000:0000:0000:0000:0000:0000,0x40,0000:0000:0000:0000:0000:0000:0000:0000)",
                "03181500687474703a2f2f6578616d706c652f61 2e | Uri(http://example/a.)",
                "03180400                                           | Uri()",
                "030f0b00ffffffff030101                             | UsbHID(0xFFFF,0xFFFF,0x1,0x1)",
                "030f0b00341278564d0102                             | UsbClass(0x1234,0x5678,0x4D,0x1,0x2)",
                "030e130000000000 00c2010000000000 08 01 01          | Uart(115200,8,N,1)",
                "030a14005347c1e0bef9d2119a0c0090273fc14d            | VenPcAnsi()",
                "04012a00010000000008000000000000000010000000000033221100554477668899aabbccddeeff0202"
                        + " | HD(1,GPT,00112233-4455-6677-8899-AABBCCDDEEFF,0x800,0x100000)",
                "04012a000200000000080000000000000000100000000000efbeadde0000000000000000000000000101"
                        + " | HD(2,MBR,0xDEADBEEF,0x800,0x100000)",
                "04021800000000000100000000000000 0200000000000000   | CDROM(0x0,0x1,0x2)",
                "040410005c00450046004900 5c000000                   | \\EFI\\",
                "040614002100 4b 7f 5cd4a04c8f8ac04a4d3f1f19          | FvFile(7F4B0021-D45C-4CA0-8F8A-C04A4D3F1F19)",
                "050112000200 0100 51454d5520444953 4b 00             | BBS(HD,QEMU DISK,0x1)",
                "0363050012                                          | Msg(99,12)",
                "0963050012                                          | Path(9,99,12)",
                "0101050002                                          | HardwarePath(1,02)",
            })
    void everyNodeHasItsText(String hex, String text) {
        Bytes path = Bytes.ofHex(hex.replace(" ", "") + END);

        assertThat(DevicePath.parse(path).text()).isEqualTo(text);
    }

    @Test
    void nodesAreJoinedBySlashesAndAlternativesByCommas() {
        String path = "02010c00d041030a00000000" + "010106000200" + "7f010400" + "0302080000000000" + END;

        assertThat(DevicePath.parse(Bytes.ofHex(path)).text()).isEqualTo("PciRoot(0x0)/Pci(0x0,0x2),Scsi(0x0,0x0)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "010103", "01010300" + END, "010110000000" + END, "010106000001", "7f020400"})
    void aDamagedPathIsRefused(String hex) {
        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> DevicePath.parse(Bytes.ofHex(hex)))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.DEVICE_PATH));
    }
}
