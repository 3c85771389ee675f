package io.uefivm.agent.declared;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.HardwarePath;
import io.uefivm.agent.varstore.LoadOption;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootOnceTest {
    private static final VarStore EMPTY = EmptyStore.of(StoreSize.M4);
    private static final VariableKey INDICATIONS = VariableKey.global("OsIndications");

    private static HardwarePath onPort(int device, int function) {
        return HardwarePath.pciRoot().pci(device, function).pci(0, 0);
    }

    private static VarStore entry(VarStore store, int number, HardwarePath path) {
        return BootConfiguration.setEntry(
                store, number, new LoadOption(1, "UEFI Misc Device", path.path(), path.toBytes(), Bytes.EMPTY));
    }

    private static BootConfiguration boot(VarStore store) {
        return BootConfiguration.of(store);
    }

    @Test
    void pathsReadAsTheFirmwareWritesThem() {
        assertThat(onPort(3, 0).path().text()).isEqualTo("PciRoot(0x0)/Pci(0x3,0x0)/Pci(0x0,0x0)");
        assertThat(HardwarePath.pciRoot().pci(0x1f, 2).sata(1).path().text())
                .isEqualTo("PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x1,0xFFFF,0x0)");
        assertThat(onPort(2, 2).scsi(4, 0).path().text())
                .isEqualTo("PciRoot(0x0)/Pci(0x2,0x2)/Pci(0x0,0x0)/Scsi(0x4,0x0)");
        assertThat(onPort(2, 0).networkBoot("52:54:00:12:34:56").path().text())
                .isEqualTo("PciRoot(0x0)/Pci(0x2,0x0)/Pci(0x0,0x0)/MAC(525400123456,0x1)"
                        + "/IPv4(0.0.0.0,0x0,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)");
        assertThat(onPort(2, 0).networkBoot("52:54:00:12:34:56").byHttp().path().text())
                .endsWith("/IPv4(0.0.0.0,0x0,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)/Uri()");
    }

    @Test
    void theFirmwaresOwnEntryIsUsed() {
        VarStore store =
                BootConfiguration.setOrder(entry(entry(EMPTY, 4, onPort(3, 1)), 7, onPort(3, 0)), List.of(4, 7));

        VarStore once = BootOnce.device(store, "data", onPort(3, 0)).orElseThrow();

        assertThat(boot(once).next()).hasValue(7);
        assertThat(boot(once).order()).containsExactly(4, 7);
        assertThat(boot(once).entries()).hasSize(2);
    }

    @Test
    void withoutOneItIsMadeAndKeptOutOfTheBootOrder() {
        VarStore store = BootConfiguration.setOrder(entry(EMPTY, 0, onPort(3, 1)), List.of(0));

        VarStore once = BootOnce.device(store, "data", onPort(3, 0)).orElseThrow();

        assertThat(boot(once).next()).hasValue(1);
        assertThat(boot(once).order()).containsExactly(0);
        LoadOption made = boot(once).entries().get(1).option();
        assertThat(made.description()).isEqualTo("data");
        assertThat(made.active()).isTrue();
        assertThat(made.path()).isEqualTo(onPort(3, 0).path());
        assertThat(boot(BootOnce.device(once, "data", onPort(3, 0)).orElseThrow())
                        .entries())
                .as("asked for once more")
                .hasSize(2);
    }

    @Test
    void whatOnlyTheFirmwareCanNameHasToBeKnownToIt() {
        HardwarePath controller = onPort(3, 0).andBeyond();
        assertThat(BootOnce.device(EMPTY, "fast", controller)).isEmpty();

        VarStore seen = entry(EMPTY, 2, onPort(3, 0).scsi(1, 0));
        assertThat(boot(BootOnce.device(seen, "fast", controller).orElseThrow()).next())
                .hasValue(2);
    }

    @Test
    void setupIsOneOfTheGuestsWishesAndLeavesTheOthers() {
        assertThat(BootOnce.setup(EMPTY).find(INDICATIONS).map(Variable::data))
                .contains(Bytes.ofHex("0100000000000000"));
        VarStore other = EMPTY.set(Variable.of(INDICATIONS, 7, Bytes.ofHex("0400000000000000")));
        assertThat(BootOnce.setup(other).find(INDICATIONS).map(Variable::data))
                .contains(Bytes.ofHex("0500000000000000"));
    }
}
