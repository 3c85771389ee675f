package io.uefivm.e2e.samples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Flux and Argo CD are told. */
class GitOpsTest {
    private static final Path DIRECTORY = Samples.DIRECTORY.resolve("gitops");

    /** The repository as kustomize renders it. */
    static List<HasMetadata> repository() throws Exception {
        return Samples.parse(Samples.run("kubernetes-client", List.of("kubectl", "kustomize", DIRECTORY.toString())));
    }

    @Test
    void fluxWaitsForEveryMachineOfTheRepository() throws Exception {
        JsonNode kustomization = new YAMLMapper()
                .valueToTree(Samples.generic(
                        Samples.read(DIRECTORY.resolve("flux.yaml")).get(1)));
        List<HasMetadata> machines = repository().stream()
                .filter(o -> o.getKind().equals("UefiVirtualMachine"))
                .toList();

        assertThat(kustomization.at("/spec/healthChecks")).hasSameSizeAs(machines);
        for (int i = 0; i < machines.size(); i++) {
            JsonNode check = kustomization.at("/spec/healthChecks/" + i);
            HasMetadata machine = machines.get(i);
            assertThat(check.get("apiVersion").asText()).isEqualTo(machine.getApiVersion());
            assertThat(check.get("kind").asText()).isEqualTo(machine.getKind());
            assertThat(check.get("name").asText())
                    .isEqualTo(machine.getMetadata().getName());
            assertThat(check.get("namespace").asText())
                    .isEqualTo(machine.getMetadata().getNamespace());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'{}', Progressing, has not seen",
        "'{observedGeneration: 1, conditions: [{type: Ready, status: \"True\", reason: Running, message: running}]}',"
                + " Progressing, has not seen",
        "'{observedGeneration: 2}', Progressing, no condition Ready",
        "'{observedGeneration: 2, conditions: [{type: Ready, status: \"True\", reason: Running, message: on node a}]}',"
                + " Healthy, Running: on node a",
        "'{observedGeneration: 2, conditions: [{type: Ready, status: \"True\", reason: Halted, message: as asked}]}',"
                + " Healthy, Halted: as asked",
        "'{observedGeneration: 2, conditions: [{type: Ready, status: \"False\", reason: Starting, message: epoch 1},"
                + " {type: Reconciling, status: \"True\", reason: Starting, message: epoch 1}]}',"
                + " Progressing, Starting: epoch 1",
        "'{observedGeneration: 2, conditions: [{type: Ready, status: \"False\", reason: ClaimNotFound, message: no claim},"
                + " {type: Stalled, status: \"True\", reason: ClaimNotFound, message: no claim}]}',"
                + " Degraded, ClaimNotFound: no claim",
        "'{observedGeneration: 2, conditions: [{type: Ready, status: \"False\", reason: BackOff, message: again in 20 s},"
                + " {type: Reconciling, status: \"True\", reason: BackOff, message: again in 20 s}]}',"
                + " Degraded, BackOff: again in 20 s",
        "'{observedGeneration: 2, conditions: [{type: Ready, status: Unknown, reason: NodeUnavailable, message: silent}]}',"
                + " Degraded, NodeUnavailable: silent",
        "'{observedGeneration: 2, conditions: [{type: Ready, status: \"False\", reason: Paused, message: I/O error}]}',"
                + " Suspended, Paused: I/O error"
    })
    void argoCdShowsTheHealthOfAMachine(String status, String health, String message) throws Exception {
        assertThat(argoCdHealth("{metadata: {generation: 2}, status: " + status + "}"))
                .satisfies(
                        lines -> assertThat(lines.get(0)).isEqualTo(health),
                        lines -> assertThat(lines.get(1)).contains(message));
    }

    @Test
    void argoCdShowsAMachineThatNobodyHasSeenOrThatIsBeingDeletedAsProgressing() throws Exception {
        assertThat(argoCdHealth("{metadata: {generation: 1}}").get(0)).isEqualTo("Progressing");
        assertThat(argoCdHealth("""
                {metadata: {generation: 1, deletionTimestamp: '2026-01-01T00:00:00Z'},
                 status: {observedGeneration: 1, conditions: [{type: Ready, status: 'True', reason: Running, message: ''}]}}
                """).get(0)).isEqualTo("Progressing");
    }

    /** Argo CD runs the script in a Lua 5.1 interpreter with the object in the global {@code obj}. */
    private static List<String> argoCdHealth(String object) throws Exception {
        String script = "obj = %s; local health = assert(loadfile('%s'))(); print(health.status); print(health.message)"
                .formatted(lua(new YAMLMapper().readTree(object)), DIRECTORY.resolve("argocd/health.lua"));
        return Samples.run("lua5.1", List.of("lua5.1", "-e", script)).lines().toList();
    }

    private static String lua(JsonNode node) {
        if (node.isObject()) {
            StringBuilder table = new StringBuilder("{");
            node.properties()
                    .forEach(p -> table.append("[\"")
                            .append(p.getKey())
                            .append("\"]=")
                            .append(lua(p.getValue()))
                            .append(','));
            return table.append('}').toString();
        }
        if (node.isArray()) {
            StringBuilder table = new StringBuilder("{");
            node.forEach(item -> table.append(lua(item)).append(','));
            return table.append('}').toString();
        }
        return node.isTextual() ? "[==[" + node.asText() + "]==]" : node.asText();
    }
}
