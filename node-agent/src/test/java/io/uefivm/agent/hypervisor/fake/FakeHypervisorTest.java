package io.uefivm.agent.hypervisor.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.hypervisor.DomainEnd;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorContractTest;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.TinyGuest;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeHypervisorTest extends HypervisorContractTest {
    private final FakeHypervisor fake = new FakeHypervisor(
            new HypervisorFacts("9.0.0", "7.2.22", List.of("pc-q35-7.2", "pc-q35-7.1")), InstantSource.system());

    @TempDir
    private Path directory;

    @Override
    protected Hypervisor open() {
        return fake;
    }

    @Override
    protected Path directory() {
        return directory;
    }

    @Override
    protected void guestPowersOff(UUID uuid) {
        fake.end(uuid, DomainEnd.SHUTDOWN);
    }

    @Override
    protected void guestsIgnoreTheButton() {
        fake.guestsObey(false);
    }

    @Override
    protected void crash(UUID uuid, String name) {
        fake.end(uuid, DomainEnd.CRASHED);
    }

    @Override
    protected void terminateFromOutside(UUID uuid, String name) {
        fake.end(uuid, DomainEnd.DESTROYED);
    }

    @Override
    protected void watchdogFires(UUID uuid, boolean poweredOff) {
        fake.fireWatchdog(uuid, poweredOff);
    }

    @Override
    protected void disconnect() {
        fake.disconnect();
    }

    @Override
    protected void reconnect() {
        fake.reconnect();
    }

    @Test
    void refusesOneStartOnly() throws Exception {
        String xml = TinyGuest.STUBBORN.xml(UUID.randomUUID().toString(), "a", "", directory);
        fake.refuseNextStart("no memory");

        assertThatThrownBy(() -> fake.start(xml))
                .isInstanceOf(HypervisorException.class)
                .hasMessage("no memory");
        fake.start(xml);
        assertThat(fake.domains()).isEmpty();
    }
}
