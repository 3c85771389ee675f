package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.api.v1alpha1.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** VMs whose state is in one claim: what a deleted one leaves there, and what its neighbour keeps. */
class SharedClaimIT extends OnSite {
    private static final String CLAIM = "states";
    private static final String SHARED = "terminationGracePeriodSeconds: 1\nnvram: {sharedClaim: " + CLAIM + "%s}";

    private static Path states;

    @BeforeAll
    static void setUp() {
        hostUp("shared-claim");
        states = site.directory(site.claim(NAMESPACE, CLAIM)).resolve("uefivm");
    }

    @Test
    void deletingAVmErasesItsStateAndLeavesItsNeighboursAlone() {
        Path stays = start("stays", "");
        patchSpec("stays", "{\"runStrategy\": \"Halted\"}");
        await("stays", "Stopped", s -> s.phase() == Phase.Stopped);
        Map<String, Long> before = files(stays);
        assertThat(before).isNotEmpty();
        Path kept = start("kept", ", reclaimPolicy: Retain");
        Path goes = start("goes", "");

        delete("goes");
        delete("kept");

        assertThat(goes).as("deleted while it ran").doesNotExist();
        assertThat(files(kept)).as("reclaimPolicy Retain").isNotEmpty();
        assertThat(files(stays)).as("of the neighbour").isEqualTo(before);
        assertThat(eventReasons("goes")).contains("StateDeleted").doesNotContain("StateRetained");
        assertThat(eventReasons("kept")).contains("StateRetained").doesNotContain("StateDeleted");

        delete("stays");
        assertThat(stays).as("deleted while it was stopped").doesNotExist();
        Awaitility.await("no pod is left")
                .atMost(STEP)
                .until(() -> site.client()
                        .pods()
                        .inNamespace(NAMESPACE)
                        .list()
                        .getItems()
                        .isEmpty());
    }

    /** Runs a VM and returns where its state is. */
    private static Path start(String name, String policy) {
        createSigned(name, SHARED.formatted(policy));
        awaitReady(name, 1);
        Path directory = states.resolve(vm(name).get().getMetadata().getUid());
        assertThat(directory.resolve("generations")).isNotEmptyDirectory();
        return directory;
    }

    private static void delete(String name) {
        vm(name).delete();
        Awaitility.await(name + " is gone")
                .atMost(STEP)
                .untilAsserted(() -> assertThat(vm(name).get())
                        .as(() -> story.of(name) + "\noperator:\n"
                                + site.operator().logEnd())
                        .isNull());
    }

    /** Sizes of all files below a directory. */
    private static Map<String, Long> files(Path directory) {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.filter(Files::isRegularFile)
                    .collect(Collectors.toMap(
                            Path::toString, file -> file.toFile().length(), Long::sum, TreeMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
