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
import java.util.List;
import java.util.Optional;

/** Derives UUID, MAC addresses and the places of devices. What was derived once stays, also when its network card is taken out for a while. */
final class Identities {
    /** The prefix that QEMU and libvirt use; guests and switches are used to it. */
    private static final String MAC_PREFIX = "52:54:00";

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

    private static String derive(String uid, String network) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest((uid + "/" + network).getBytes(StandardCharsets.UTF_8));
            return String.format("%s:%02x:%02x:%02x", MAC_PREFIX, hash[0] & 0xff, hash[1] & 0xff, hash[2] & 0xff);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
