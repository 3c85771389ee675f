package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.hypervisor.DomainEnd;
import io.uefivm.api.v1alpha1.Reason;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DomainEndsTest {
    private static final UUID DOMAIN = UUID.randomUUID();

    private final DomainEnds ends = new DomainEnds();

    private Reason reason() {
        return ends.reason(DOMAIN, () -> DomainEnd.UNKNOWN);
    }

    @Test
    void aGuestThatItsWatchdogPowersOffIsNoCrashOfQemu() {
        ends.watchdogFired(DOMAIN, true);
        ends.ended(DOMAIN, DomainEnd.CRASHED);

        assertThat(reason()).isEqualTo(Reason.WatchdogFired);
        assertThat(ends.wasReset(DOMAIN)).isFalse();
        ends.forget(DOMAIN);
        ends.ended(DOMAIN, DomainEnd.CRASHED);
        assertThat(reason()).isEqualTo(Reason.Crashed);
    }

    @Test
    void aResetIsToldOnceAndEndsNothing() {
        ends.watchdogFired(DOMAIN, false);

        assertThat(ends.wasReset(DOMAIN)).isTrue();
        assertThat(ends.wasReset(DOMAIN)).isFalse();
        ends.ended(DOMAIN, DomainEnd.SHUTDOWN);
        assertThat(reason()).isEqualTo(Reason.GuestShutdown);
    }
}
