package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.GenerationStatus;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RequestOutcome;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is asked of a VM's stored variables, on real OVMF: the firmware itself writes some at every boot. */
class NvramRequestIT extends OnSite {
    private static final String NAME = "asked";

    @BeforeAll
    static void host() {
        hostUp("kvm-a");
    }

    @Test
    void aStoreIsObservedRestoredAndResetOncePerToken() throws IOException {
        createSigned(NAME, "terminationGracePeriodSeconds: 1");
        NvramStatus first = awaitReady(NAME, 1).nvram();
        String initial = first.history().get(0).sha256();
        UefiVirtualMachineStatus observed = await(
                NAME,
                "what the firmware wrote",
                s -> !s.nvram().bootOrder().isEmpty() && s.nvram().variables() > initialVariables());
        assertThat(observed.nvram().generation()).as("nothing is committed yet").isEqualTo(1);
        assertThat(observed.nvram().sha256()).isEqualTo(initial);

        NvramStatus stopped = stop();
        assertThat(stopped.history()).extracting(GenerationStatus::basis).containsExactly("Committed", "Initial");
        assertThat(stopped.history()).allMatch(kept -> kept.bytes() > 0 && kept.bytes() < 16 << 10);

        start("{\"token\": \"a-1\", \"action\": \"Restore\", \"generation\": 1}", "Recover");
        UefiVirtualMachineStatus restored = awaitReady(NAME, 2);
        NvramRequestStatus answer = restored.nvram().lastRequest();
        assertThat(answer.token()).isEqualTo("a-1");
        assertThat(answer.action()).isEqualTo(NvramAction.Restore);
        assertThat(answer.outcome()).isEqualTo(RequestOutcome.Done);
        assertThat(answer.generation()).isEqualTo(3);
        GenerationStatus made = restored.nvram().history().get(0);
        assertThat(made.basis()).isEqualTo("Requested");
        assertThat(made.sha256()).as("the variables of the firmware are gone").isEqualTo(initial);
        assertThat(restored.nvram().history())
                .extracting(GenerationStatus::generation)
                .containsExactly(3L, 2L, 1L);
        assertThat(eventReasons(NAME)).contains("RequestDone");
        stop();

        patchSpec(NAME, "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus again = awaitReady(NAME, 3);
        assertThat(again.nvram().lastRequest())
                .as("the same token does nothing")
                .isEqualTo(answer);
        assertThat(again.nvram().history())
                .extracting(GenerationStatus::basis)
                .filteredOn("Requested"::equals)
                .hasSize(1);
        String claim = stop().claimName();

        List<Path> generations = generations(claim);
        for (Path file : generations) {
            Files.writeString(file, "garbage");
        }
        start("{\"token\": \"a-1\", \"action\": \"Restore\", \"generation\": 1}", "Refuse");
        UefiVirtualMachineStatus stalled =
                await(NAME, "Stalled", s -> has(s, ConditionType.Stalled, Reason.NvramUnreadable));
        assertThat(message(stalled, ConditionType.NvramReady)).contains("rejected", "FactoryReset");

        start("{\"token\": \"a-2\", \"action\": \"FactoryReset\", \"generation\": null}", "Refuse");
        UefiVirtualMachineStatus reset = await(
                NAME,
                "running after a factory reset",
                s -> is(s, ConditionType.Ready, "True")
                        && s.nvram().lastRequest() != null
                        && "a-2".equals(s.nvram().lastRequest().token()));
        assertThat(reset.nvram().lastRequest().outcome()).isEqualTo(RequestOutcome.Done);
        assertThat(reset.nvram().history().get(0).sha256()).isEqualTo(initial);
        assertThat(reset.nvram().generation()).as("no number is used twice").isGreaterThan(generations.size());
        vm(NAME).delete();
    }

    /** PK, KEK, db, dbx and SecureBootEnable. */
    private static int initialVariables() {
        return 5;
    }

    private static NvramStatus stop() {
        patchSpec(NAME, "{\"runStrategy\": \"Halted\"}");
        return await(NAME, "Stopped", s -> s.phase() == Phase.Stopped).nvram();
    }

    private static void start(String request, String onCorruption) {
        patchSpec(
                NAME,
                "{\"runStrategy\": \"Always\", \"nvram\": {\"request\": " + request + ", \"onCorruption\": \""
                        + onCorruption + "\"}}");
    }

    private static List<Path> generations(String claim) throws IOException {
        Path directory = site.directory(site.claim(NAMESPACE, claim))
                .resolve("uefivm")
                .resolve(vm(NAME).get().getMetadata().getUid())
                .resolve("generations");
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
