package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.domain.GuestPlace.Function;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Where a device is said to be is where the domain puts it. */
class GuestPlaceTest {
    private static final DomainInput SERVER = SampleVms.linuxServer();
    private static final String XML = DomainXml.render(SERVER);

    private static GuestPlace place(String name) {
        return GuestPlace.of(SERVER.spec(), SERVER.identity(), name).orElseThrow();
    }

    /** The root port of this index in the domain. */
    private static Function port(int index) {
        Matcher found = Pattern.compile(
                        "<controller type=\"pci\" index=\"" + index
                                + "\" model=\"pcie-root-port\">\\s*<address [^>]*slot=\"0x([0-9a-f]+)\" function=\"0x([0-9a-f]+)\"")
                .matcher(XML);
        assertThat(found.find()).as("port " + index + " in " + XML).isTrue();
        return new Function(Integer.parseInt(found.group(1), 16), Integer.parseInt(found.group(2), 16));
    }

    /** The bus that something is on, by what stands before its address. */
    private static int bus(String before) {
        Matcher found = Pattern.compile(
                        Pattern.quote(before) + ".*?<address type=\"pci\"[^>]*bus=\"0x([0-9a-f]+)\"", Pattern.DOTALL)
                .matcher(XML);
        assertThat(found.find()).as(before + " in " + XML).isTrue();
        return Integer.parseInt(found.group(1), 16);
    }

    @Test
    void aVirtioDiskIsAloneBehindItsPort() {
        assertThat(place("root").unit()).isEqualTo(new GuestPlace.Whole());
        assertThat(place("root").functions()).containsExactly(port(bus("<target dev=\"vda\"")), new Function(0, 0));
    }

    @Test
    void aNetworkCardIsBehindItsPortAndHasItsAddress() {
        String mac = SERVER.identity().macAddresses().stream()
                .filter(known -> known.network().equals("lan"))
                .findFirst()
                .orElseThrow()
                .address();
        assertThat(place("lan").unit()).isEqualTo(new GuestPlace.Card(mac));
        assertThat(place("lan").functions())
                .containsExactly(port(bus("<mac address=\"" + mac + "\"")), new Function(0, 0));
    }

    @Test
    void aScsiDiskIsATargetOfTheOneController() {
        assertThat(place("data").functions())
                .isEqualTo(place("archive-of-the-last-ten-years").functions())
                .containsExactly(port(bus("<controller type=\"scsi\"")), new Function(0, 0));
        assertThat(List.of(
                        place("data").unit(),
                        place("archive-of-the-last-ten-years").unit()))
                .containsExactly(new GuestPlace.Target(0), new GuestPlace.Target(1));
    }

    @Test
    void aSataCdromIsOnTheBoardsOwnController() {
        assertThat(place("installer"))
                .isEqualTo(new GuestPlace(List.of(new Function(0x1f, 2)), new GuestPlace.Port(0)));
    }

    @Test
    void aUsbDiskHasItsPort() {
        assertThat(place("stick").functions())
                .containsExactly(port(bus("<controller type=\"usb\"")), new Function(0, 0));
        assertThat(place("stick").unit()).isEqualTo(new GuestPlace.UsbPort(UsbPart.FIRST_DISK));
    }

    @Test
    void theFirstNetworkIsThatOfTheBootOrder() {
        assertThat(GuestPlace.firstNetwork(SERVER.spec())).contains("out");
        assertThat(GuestPlace.firstNetwork(
                        SampleVms.minimalLinux(Accelerator.TCG).spec()))
                .isEmpty();
    }

    @Test
    void whatTheVmDoesNotHaveHasNoPlace() {
        assertThat(GuestPlace.of(SERVER.spec(), SERVER.identity(), "gone")).isEmpty();
    }
}
