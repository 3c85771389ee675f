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
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is asked of a VM's stored variables, and what becomes of damaged ones, on real OVMF, which writes some at every boot. */
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
        aTruncatedStateIsRefusedOrWorkedAroundAsThePolicySays(stop());
        String claim = stop().claimName();

        List<Path> generations = generations(claim);
        for (Path file : generations) {
            Files.writeString(file, "garbage");
        }
        start("{\"token\": \"a-1\", \"action\": \"Restore\", \"generation\": 1}", "Refuse");
        UefiVirtualMachineStatus stalled =
                await(NAME, "Stalled", s -> has(s, ConditionType.Stalled, Reason.NvramUnreadable));
        assertThat(message(stalled, ConditionType.NvramReady)).contains("rejected", "FactoryReset");

        patchSpec(NAME, "{\"networks\": [{\"name\": \"lan\", \"bridge\": {\"name\": \"absent0\"}}]}");
        start("{\"token\": \"a-2\", \"action\": \"FactoryReset\", \"generation\": null}", "Refuse");
        UefiVirtualMachineStatus unstarted = await(
                NAME,
                "an answer although libvirt refuses the domain",
                s -> "a-2".equals(s.nvram().lastRequest().token()));
        assertThat(unstarted.nvram().lastRequest().outcome()).isEqualTo(RequestOutcome.Done);
        assertThat(is(unstarted, ConditionType.Ready, "True")).isFalse();
        patchSpec(NAME, "{\"networks\": []}");
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

    /** The newest state was cut off in the claim while the VM was stopped. */
    private static void aTruncatedStateIsRefusedOrWorkedAroundAsThePolicySays(NvramStatus stopped) throws IOException {
        GenerationStatus newest = stopped.history().get(0);
        Path file = generations(stopped.claimName()).stream()
                .filter(path -> path.getFileName().toString().startsWith(newest.generation() + "-"))
                .findFirst()
                .orElseThrow();
        byte[] torn = Arrays.copyOf(Files.readAllBytes(file), (int) (newest.bytes() / 2));
        Files.write(file, torn);
        String good = stopped.history().get(1).generation().toString();

        patchSpec(NAME, "{\"runStrategy\": \"Always\", \"nvram\": {\"onCorruption\": \"Refuse\"}}");
        UefiVirtualMachineStatus refused = awaitStalled(NAME, Reason.NvramUnreadable);
        assertThat(message(refused, ConditionType.NvramReady))
                .contains(file.getFileName().toString(), "onCorruption is Refuse", "Restore with generation " + good);
        assertThat(is(refused, ConditionType.NvramReady, "False")).isTrue();

        patchSpec(NAME, "{\"nvram\": {\"onCorruption\": \"Recover\"}}");
        UefiVirtualMachineStatus recovered = await(
                NAME,
                "Ready on the state of before",
                s -> is(s, ConditionType.Ready, "True") && has(s, ConditionType.NvramReady, Reason.NvramRecovered));
        assertThat(message(recovered, ConditionType.NvramReady))
                .contains("Started from generation " + good, file.getFileName().toString());
        assertThat(is(recovered, ConditionType.NvramReady, "True")).isTrue();
        assertThat(recovered.nvram().generation()).hasToString(good);
        assertThat(eventReasons(NAME)).contains("NvramRecovered");
        Path kept = file.resolveSibling("../rejected").resolve(file.getFileName());
        assertThat(kept).as("the bad bytes").hasBinaryContent(torn);
        assertThat(kept.resolveSibling(file.getFileName() + ".txt")).isNotEmptyFile();
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
