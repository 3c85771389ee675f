package io.uefivm.agent.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassthroughRulesTest {
    @TempDir
    private Path root;

    private Optional<String> objection(String machine, String unit, String... more) throws IOException {
        return objection(RecordedTree.of(machine, root), unit, more);
    }

    private static Optional<String> objection(RecordedTree tree, String unit, String... more) {
        PassthroughRules rules = tree.rules();
        List<PciUnit> together = Stream.concat(Stream.of(unit), Stream.of(more))
                .map(name -> rules.inventory().unit(name).orElseThrow())
                .toList();
        return rules.objection(together.get(0), together);
    }

    @Test
    void aCardInAGroupOfItsOwnIsFree() throws IOException {
        assertThat(objection("server", "0000:41:00")).isEmpty();
    }

    @Test
    void namesWhoElseIsInTheGroupAndNoBridge() throws IOException {
        assertThat(objection("workstation", "0000:02:00").orElseThrow())
                .startsWith("0000:02:00 shares its IOMMU group with"
                        + " 0000:01:00.0 10de:1e87 (0300 VGA, driver nouveau),"
                        + " 0000:01:00.1 10de:10f8 (0403 audio, driver snd_hda_intel),"
                        + " 0000:01:00.2 10de:1ad8 (0c03 USB, driver xhci_hcd),"
                        + " 0000:01:00.3 10de:1ad9 (0c80 serial bus, driver nvidia-gpu); ");
    }

    @Test
    void aGroupMayGoToOneGuestAsAWhole() throws IOException {
        assertThat(objection("workstation", "0000:02:00", "0000:01:00")).isEmpty();
    }

    @Test
    void aBridgeOfAnotherKindHindersOnlyWithADriver() throws IOException {
        RecordedTree tree = RecordedTree.of("chipset", root);
        assertThat(objection(tree, "0000:22:00").orElseThrow())
                .contains("0000:03:00.0", "0000:03:00.1", "0000:21:00.0")
                .doesNotContain("0000:20:0", "0000:03:00.2");
        RecordedTree other = RecordedTree.of("workstation", root.resolve("other"));
        assertThat(objection(other, "0000:00:1f").orElseThrow()).contains("0000:00:1f.0", "is a bridge");
    }

    @Test
    void theRootDiskStays() throws IOException {
        assertThat(objection("workstation", "0000:03:00").orElseThrow())
                .isEqualTo("the host itself needs 0000:03:00.0 144d:a808 (0108 NVMe, driver nvme):"
                        + " it holds /dev/nvme0n1p2, below /dev/dm-0, mounted at /");
    }

    @Test
    void theRootDiskStaysAlsoWhereItsControllersHaveASubsystem() throws IOException {
        assertThat(objection("server", "0000:c5:00").orElseThrow()).contains("holds /dev/nvme0n1p1, mounted at /");
        assertThat(objection("server", root.resolve("b"), "0000:c6:00")).isEmpty();
    }

    private static Optional<String> objection(String machine, Path root, String unit) throws IOException {
        return objection(RecordedTree.of(machine, root), unit);
    }

    @Test
    void theCardOfTheDefaultRouteStaysAlsoBelowBondsAndVlans() throws IOException {
        assertThat(objection("server", "0000:c1:00").orElseThrow()).contains("0000:c1:00.0", "has 2 virtual functions");
        RecordedTree tree = RecordedTree.of("server", root.resolve("b"));
        PassthroughRules rules = tree.rules();
        assertThat(rules.hostUse().of(io.uefivm.agent.domain.PciAddress.parse("0000:c1:00.1")))
                .contains("is ens1f1, the way to the default route through bond0 through bond0.100");
        assertThat(objection(tree, "0000:c1:02.1")).isEmpty();
        assertThat(objection(tree, "0000:c4:00")).isEmpty();
    }

    @Test
    void theScreenOfTheHostStaysUntilItsDriverIsGone() throws IOException {
        RecordedTree tree = RecordedTree.of("chipset", root);
        assertThat(objection(tree, "0000:27:00").orElseThrow())
                .contains("is the screen that the host boots on", "vfio-pci.ids=1002:67df");

        tree.bind("0000:27:00.0", "vfio-pci");
        assertThat(objection(tree, "0000:27:00")).isEmpty();
    }

    @Test
    void withoutIommuNothingIsFree() throws IOException {
        assertThat(objection("no-iommu", "0000:01:00").orElseThrow()).contains("has no IOMMU group", "intel_iommu=on");
    }

    @Test
    void whatDoesNotAnswerIsNotGivenAway() throws IOException {
        RecordedTree tree = RecordedTree.of("server", root);
        tree.fallOff("0000:41:00.0");
        assertThat(objection(tree, "0000:41:00").orElseThrow()).contains("does not answer on the bus");
    }
}
