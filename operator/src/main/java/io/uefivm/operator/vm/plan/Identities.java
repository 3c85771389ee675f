package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.DeviceSlots;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.MacAddress;
import io.uefivm.api.v1alpha1.Network;
import io.uefivm.operator.vm.model.Machine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Derives UUID, MAC addresses and the places of devices. What was derived once stays, also when its network card is taken out for a while. */
final class Identities {
    /** Second least significant bit of the first byte: not from a vendor's range. */
    private static final int LOCALLY_ADMINISTERED = 0x02;

    private static final int MAC_BYTES = 6;
    private static final int MULTICAST = 0x01;
    /** libvirt gives its own end of a guest's card the guest's address with this first byte, and refuses it in guests. */
    private static final int HOST_END = 0xfe;

    private static final int MOST_SIGNIFICANT = 0x80;

    private Identities() {}

    static Identity of(Machine vm) {
        Identity known = vm.status().identity();
        List<MacAddress> macs = new ArrayList<>(known == null ? List.of() : known.macAddresses());
        for (Network network : vm.spec().networks()) {
            Optional<MacAddress> before = macs.stream()
                    .filter(mac -> mac.network().equals(network.name()))
                    .findFirst();
            String address = network.macAddress() != null
                    ? network.macAddress()
                    : before.map(MacAddress::address).orElseGet(() -> derive(vm.uid(), network.name()));
            MacAddress now = new MacAddress(network.name(), address);
            if (before.isEmpty()) {
                macs.add(now);
            } else {
                macs.set(macs.indexOf(before.get()), now);
            }
        }
        return new Identity(
                known == null ? vm.uid() : known.uuid(),
                macs,
                DeviceSlots.of(known == null ? List.of() : known.slots(), vm.spec()));
    }

    /**
     * 46 bits of a hash. The usual prefix 52:54:00 leaves 24, of which two among 5,000 cards are the same more likely than
     * not.
     */
    private static String derive(String uid, String network) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest((uid + "/" + network).getBytes(StandardCharsets.UTF_8));
            int first = (hash[0] & 0xff & ~MULTICAST) | LOCALLY_ADMINISTERED;
            hash[0] = (byte) (first == HOST_END ? first & ~MOST_SIGNIFICANT : first);
            return HexFormat.ofDelimiter(":").formatHex(hash, 0, MAC_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
