package io.uefivm.operator.vm.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.operator.vm.model.Machine;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdentitiesTest {
    private static final UefiVirtualMachineSpec SPEC = Serialization.unmarshal(
            "memory: {size: 1Gi}\nnetworks: [{name: lan, user: {}}]", UefiVirtualMachineSpec.class);

    @Test
    void addressesOfManyVmsDiffer() {
        int vms = 20_000;
        Set<String> addresses = new HashSet<>();
        for (int i = 0; i < vms; i++) {
            String address = address("vm-" + i, UefiVirtualMachineStatus.EMPTY);
            assertThat(address)
                    .as("unicast, locally administered, and not what libvirt keeps for the host")
                    .matches("[0-9a-f][26ae](:[0-9a-f]{2}){5}")
                    .doesNotStartWith("fe");
            addresses.add(address);
        }
        assertThat(addresses).hasSize(vms);
    }

    @Test
    void anAddressThatIsRecordedStaysHoweverItWasDerived() {
        var recorded = Serialization.unmarshal(
                "identity: {uuid: vm-1, macAddresses: [{network: lan, address: '52:54:00:0a:0b:0c'}]}",
                UefiVirtualMachineStatus.class);
        assertThat(address("vm-1", recorded)).isEqualTo("52:54:00:0a:0b:0c");
    }

    private static String address(String uid, UefiVirtualMachineStatus status) {
        Identity identity = Identities.of(new Machine("ns", "web", uid, 1, SPEC, status, Optional.empty()));
        return identity.macAddresses().get(0).address();
    }
}
