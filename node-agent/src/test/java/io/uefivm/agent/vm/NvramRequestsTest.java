package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.nvram.Answer;
import io.uefivm.agent.nvram.Asked;
import io.uefivm.agent.nvram.RefusedException;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.RequestOutcome;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NvramRequestsTest {
    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");

    private static UefiVirtualMachine vm(String secureBoot, String request, String lastRequest) {
        return Serialization.unmarshal("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {name: web, namespace: default}
                spec:
                  memory: {size: 512Mi}
                  firmware: {secureBoot: %s}
                  nvram: {request: %s}
                status:
                  nvram: {generation: 4, lastRequest: %s}
                """.formatted(secureBoot, request, lastRequest), UefiVirtualMachine.class);
    }

    @Test
    void aTokenWithAnAnswerIsNoRequestAndANewOneIs() {
        String done = "{token: a, action: FactoryReset, outcome: Done}";
        assertThat(NvramRequests.terms(vm("Enabled", "{token: a, action: FactoryReset}", done))
                        .request())
                .isEmpty();
        assertThat(NvramRequests.terms(vm("Enabled", "{token: b, action: FactoryReset}", done))
                        .request())
                .isPresent();
        assertThat(NvramRequests.terms(vm("Enabled", "null", done)).request()).isEmpty();
    }

    @Test
    void keysAreNotEnrolledWithoutSecureBoot() {
        var terms = NvramRequests.terms(vm("Disabled", "{token: a, action: EnrollKeys}", "null"));
        assertThatThrownBy(() -> terms.request().orElseThrow().transfer().apply(new byte[0], new byte[0]))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("firmware.secureBoot is Enabled; it is Disabled");
    }

    @Test
    void anAnswerIsSaidAndWithoutOneTheLastStays() {
        UefiVirtualMachine vm = vm(
                "Enabled",
                "{token: b, action: Restore, generation: 2}",
                "{token: a, action: FactoryReset, outcome: Done}");
        var done = new Answer.Done(new Asked("b", NvramAction.Restore, 5, 2L, "2026-04-30T00:00:00Z"));

        assertThat(NvramRequests.answered(vm, Optional.of(done), NOW))
                .contains(new NvramRequestStatus(
                        "b",
                        NvramAction.Restore,
                        RequestOutcome.Done,
                        "Generation 2 is restored: generation 5",
                        5L,
                        "2026-04-30T00:00:00Z"));
        assertThat(NvramRequests.answered(vm, Optional.of(new Answer.Refused("no")), NOW))
                .contains(new NvramRequestStatus(
                        "b", NvramAction.Restore, RequestOutcome.Refused, "no", null, "2026-05-01T10:00:00Z"));
        assertThat(NvramRequests.answered(vm, Optional.empty(), NOW).map(NvramRequestStatus::token))
                .contains("a");
    }
}
