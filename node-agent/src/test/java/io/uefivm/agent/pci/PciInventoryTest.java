package io.uefivm.agent.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.domain.Bar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PciInventoryTest {
    @TempDir
    private Path root;

    private PciInventory machine(String name) throws IOException {
        return RecordedTree.of(name, root).inventory();
    }

    @Test
    void readsWhatTheKernelShowsOfAFunction() throws IOException {
        PciFunction card =
                machine("workstation").unit("0000:01:00").orElseThrow().main();

        assertThat(card).hasToString("0000:01:00.0 10de:1e87 (0300 VGA, driver nouveau)");
        assertThat(card.group()).isEqualTo(1);
        assertThat(card.resetMethods()).containsExactly("bus");
        assertThat(card.bars())
                .containsExactly(
                        new Bar(0, 16L << 20, false, false),
                        new Bar(1, 256L << 20, true, true),
                        new Bar(3, 32L << 20, true, true));
        assertThat(card.bootDisplay()).isFalse();
        assertThat(card.fault()).isEmpty();
    }

    @Test
    void keepsAllFunctionsOfASlotTogether() throws IOException {
        assertThat(machine("workstation").unit("0000:01:00").orElseThrow().functions())
                .extracting(f -> f.pciClass().toString())
                .containsExactly("0300 VGA", "0403 audio", "0c03 USB", "0c80 serial bus");
    }

    @Test
    void takesEachVirtualFunctionForItself() throws IOException {
        PciInventory server = machine("server");

        assertThat(server.unit("0000:c1:02")).isEmpty();
        PciUnit virtual = server.unit("0000:c1:02.1").orElseThrow();
        assertThat(virtual.resourceName()).isEqualTo("uefivm.io/pci-8086-154c");
        assertThat(virtual.main().physicalFunction().orElseThrow()).hasToString("0000:c1:00.0");
        assertThat(virtual.main().fault()).as("all ones are normal there").isEmpty();
        assertThat(server.unit("0000:c1:00").orElseThrow().main().virtualFunctions())
                .isEqualTo(2);
    }

    @Test
    void offersWhatAGuestCouldUse() throws IOException {
        assertThat(machine("workstation").units().stream().filter(PciUnit::isWorthPassing))
                .extracting(PciUnit::name)
                .containsExactly("0000:00:02", "0000:00:14", "0000:01:00", "0000:02:00", "0000:03:00");
    }

    @Test
    void namesWhatElseIsInAGroup() throws IOException {
        PciInventory workstation = machine("workstation");

        assertThat(workstation.companions(workstation.unit("0000:02:00").orElseThrow()))
                .extracting(f -> f.address().toString())
                .containsExactly(
                        "0000:00:01.0", "0000:00:01.1", "0000:01:00.0", "0000:01:00.1", "0000:01:00.2", "0000:01:00.3");
    }

    @Test
    void seesThatADeviceFellOffTheBus() throws IOException {
        RecordedTree tree = RecordedTree.of("server", root);
        tree.fallOff("0000:42:00.0");

        assertThat(tree.inventory().unit("0000:42:00").orElseThrow().main().fault())
                .contains("does not answer on the bus");
    }

    @Test
    void doesNotWakeASleeperToSeeWhetherItAnswers() throws IOException {
        RecordedTree tree = RecordedTree.of("server", root);
        tree.fallOff("0000:42:00.0");
        Files.writeString(tree.function("0000:42:00.0").resolve("power_state"), "D3cold\n");

        assertThat(tree.inventory().unit("0000:42:00").orElseThrow().main().fault())
                .isEmpty();
    }

    @Test
    void knowsOnlyThatAnOldKernelCanReset() throws IOException {
        RecordedTree tree = RecordedTree.of("server", root);
        Files.delete(tree.function("0000:42:00.0").resolve("reset_method"));
        Files.createFile(tree.function("0000:42:00.0").resolve("reset"));

        assertThat(tree.inventory().unit("0000:42:00").orElseThrow().main().resetMethods())
                .containsExactly("unknown");
    }

    @Test
    void hasNothingWhereThereIsNoPci() {
        assertThat(new SysfsPci(root).read().functions()).isEmpty();
    }
}
