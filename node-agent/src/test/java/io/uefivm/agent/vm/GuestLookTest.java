package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.hypervisor.DomainEvent;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.api.v1alpha1.GuestInterface;
import io.uefivm.api.v1alpha1.GuestStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuestLookTest {
    private static final String INTERFACES = """
            {"return": [
              {"name": "lo", "ip-addresses": [{"ip-address-type": "ipv4", "ip-address": "127.0.0.1", "prefix": 8}]},
              {"name": "eth0", "hardware-address": "52:54:00:12:34:56", "statistics": {"rx-bytes": 1}, "ip-addresses": [
                {"ip-address-type": "ipv4", "ip-address": "10.0.2.15", "prefix": 24},
                {"ip-address-type": "ipv6", "ip-address": "fe80::1", "prefix": 64}]},
              {"name": "down0"}]}
            """;
    private static final Map<String, String> ANSWERS = Map.of(
            GuestAnswers.command(GuestAnswers.HOST_NAME),
            "{\"return\": {\"host-name\": \"web-1\"}}",
            GuestAnswers.command(GuestAnswers.OS),
            "{\"return\": {\"name\": \"Debian GNU/Linux\", \"pretty-name\": \"Debian GNU/Linux 12 (bookworm)\"}}",
            GuestAnswers.command(GuestAnswers.INTERFACES),
            INTERFACES);

    private final UUID domain = UUID.randomUUID();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final FakeHypervisor hypervisor =
            new FakeHypervisor(new HypervisorFacts("9.0.0", "7.2.0", List.of()), () -> now);
    private final GuestLook look = new GuestLook(hypervisor, () -> now);

    @AfterEach
    void close() {
        hypervisor.close();
    }

    private void agent(Map<String, String> answers) {
        hypervisor.connectAgent(domain, answers);
        look.on(new DomainEvent.GuestAgent(domain, true));
    }

    @Test
    void aGuestWithoutAgentSaysNothing() throws Exception {
        assertThat(look.of(domain, null)).isNull();
        assertThat(look.isAnswering(domain)).isFalse();
    }

    @Test
    void tellsNameSystemAndAddresses() throws Exception {
        agent(ANSWERS);
        assertThat(look.of(domain, null))
                .isEqualTo(new GuestStatus(
                        true,
                        "web-1",
                        "Debian GNU/Linux 12 (bookworm)",
                        List.of(
                                new GuestInterface("down0", null, List.of()),
                                new GuestInterface(
                                        "eth0", "52:54:00:12:34:56", List.of("10.0.2.15/24", "fe80::1/64")))));
        assertThat(look.isAnswering(domain)).isTrue();
    }

    @Test
    void asksAgainAfterAMinuteOnly() throws Exception {
        agent(ANSWERS);
        GuestStatus first = look.of(domain, null);
        hypervisor.connectAgent(domain, Map.of(GuestAnswers.command(GuestAnswers.INTERFACES), "{\"return\": []}"));

        now = now.plus(Duration.ofSeconds(59));
        assertThat(look.of(domain, first)).isEqualTo(first);
        now = now.plus(Duration.ofSeconds(2));
        assertThat(look.of(domain, first)).isEqualTo(new GuestStatus(true, null, null, List.of()));
    }

    @Test
    void anAgentThatWentIsSaid() throws Exception {
        agent(ANSWERS);
        GuestStatus before = look.of(domain, null);
        hypervisor.disconnectAgent(domain);
        look.on(new DomainEvent.GuestAgent(domain, false));

        GuestStatus after = look.of(domain, before);
        assertThat(after).isEqualTo(new GuestStatus(false, null, null, List.of()));
        assertThat(look.of(domain, after)).isEqualTo(after);
    }

    @Test
    void oneThatHoldsTheChannelWithoutAnsweringIsNotConnected() throws Exception {
        agent(Map.of());
        assertThat(look.of(domain, null)).isNull();
        now = now.plus(Duration.ofSeconds(61));
        assertThat(look.of(domain, new GuestStatus(true, "a", null, List.of())))
                .isEqualTo(new GuestStatus(false, null, null, List.of()));
    }

    @Test
    void afterARestartLibvirtIsAsked() throws Exception {
        hypervisor.connectAgent(domain, ANSWERS);
        assertThat(look.of(domain, null)).isNotNull();
        look.on(new DomainEvent.Reconnected());
        hypervisor.disconnectAgent(domain);
        assertThat(look.of(domain, null)).isNull();
    }

    @Test
    void libvirtThatIsAwayIsNoAnswerOfTheGuest() {
        agent(ANSWERS);
        hypervisor.disconnect();
        assertThatThrownBy(() -> look.of(domain, null)).isInstanceOf(HypervisorException.class);
    }

    /** Root in the guest writes what it likes. */
    @Test
    void nothingThatAGuestSaysGrowsOrBreaksTheStatus() {
        String many = "{\"return\": [" + "{\"name\": \"e\"},".repeat(1000) + "{\"name\": 7}]}";
        GuestStatus status = GuestAnswers.status(
                Optional.of("{\"return\": {\"host-name\": \"" + "x".repeat(100_000) + "\"}}"),
                Optional.of("{\"return\": {\"pretty-name\": \"a\\u0000b\\nc\"}}"),
                Optional.of(many));
        assertThat(status.hostname()).hasSize(253);
        assertThat(status.os()).isEqualTo("a b c");
        assertThat(status.interfaces()).hasSize(16);
        assertThat(GuestAnswers.status(Optional.of("{"), Optional.of("[]"), Optional.of("{\"return\": 5}")))
                .isEqualTo(new GuestStatus(true, null, null, List.of()));
    }
}
