package io.uefivm.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.uefivm.agent.domain.CdromDrive;
import io.uefivm.agent.domain.DiskSource;
import io.uefivm.agent.domain.DomainMetadata;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.api.v1alpha1.DiskFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every hypervisor does, the real one and the one in memory. */
public abstract class HypervisorContractTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final UUID uuid = UUID.randomUUID();
    private final DomainOwner owner = new DomainOwner("default", "web", "vm-uid", 7, "pod-uid");
    private final String name = "default.web-" + uuid.toString().substring(0, 8);
    private final List<DomainEvent> events = new CopyOnWriteArrayList<>();
    private Hypervisor hypervisor;

    /** One that answers and has no domains. */
    protected abstract Hypervisor open();

    /** A directory that guests can be loaded from. */
    protected abstract Path directory();

    /** The guest's own power-off, where it does not come from the guest's code. */
    protected abstract void guestPowersOff(UUID uuid);

    protected abstract void guestsIgnoreTheButton();

    /** kill -9 of QEMU. */
    protected abstract void crash(UUID uuid, String name);

    /** SIGTERM to QEMU, as from a host that goes down. */
    protected abstract void terminateFromOutside(UUID uuid, String name);

    /** The guest's watchdog fires, where that does not come from the guest's code. */
    protected abstract void watchdogFires(UUID uuid, boolean poweredOff);

    protected abstract void disconnect();

    protected abstract void reconnect();

    @BeforeEach
    void openHypervisor() {
        hypervisor = open();
        hypervisor.onEvent(events::add);
    }

    @AfterEach
    void leaveNothingRunning() throws Exception {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            for (RunningDomain domain : hypervisor.domains()) {
                hypervisor.destroy(domain.uuid());
            }
            return true;
        });
        hypervisor.close();
    }

    private void start(TinyGuest guest) throws HypervisorException {
        hypervisor.start(guest.xml(uuid.toString(), name, metadata(), directory()));
    }

    @Test
    void aMediumIsEjectedAndAnotherInsertedWhileTheDomainRuns() throws Exception {
        Path first = Files.writeString(directory().resolve("first.iso"), "first".repeat(1000));
        Path second = Files.writeString(directory().resolve("second.iso"), "second".repeat(1000));
        String drive = """
                <disk type='file' device='cdrom'>
                  <driver name='qemu' type='raw'/><source file='%s'/>
                  <target dev='sda' bus='sata'/><readonly/><serial>install</serial>
                </disk>
                """.formatted(first);
        hypervisor.start(TinyGuest.STUBBORN
                .xml(uuid.toString(), name, metadata(), directory())
                .replace("<memballoon", drive + "<memballoon"));
        assertThat(drive().medium()).contains(first.toString());

        hypervisor.updateDevice(uuid, drive().with(new DiskSource.NoMedium(), DiskFormat.RAW));
        assertThat(drive().medium()).isEmpty();
        hypervisor.updateDevice(uuid, drive().with(new DiskSource.FileDisk(second.toString(), false), DiskFormat.RAW));
        assertThat(drive().medium()).contains(second.toString());
        hypervisor.updateDevice(uuid, drive().with(new DiskSource.FileDisk(first.toString(), false), DiskFormat.RAW));
        assertThat(drive().medium()).contains(first.toString());

        String description = drive().with(new DiskSource.NoMedium(), DiskFormat.RAW);
        hypervisor.destroy(uuid);
        assertThat(hypervisor.describe(uuid)).isEmpty();
        assertThatThrownBy(() -> hypervisor.updateDevice(uuid, description))
                .isInstanceOfSatisfying(
                        HypervisorException.class,
                        e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED));
    }

    private CdromDrive drive() throws HypervisorException {
        return CdromDrive.of(hypervisor.describe(uuid).orElseThrow()).get(0);
    }

    private String metadata() {
        return "<o:owner xmlns:o='%s' namespace='%s' name='%s' uid='%s' epoch='%d' pod='%s'/>"
                .formatted(
                        DomainMetadata.NAMESPACE,
                        owner.namespace(),
                        owner.name(),
                        owner.vmUid(),
                        owner.epoch(),
                        owner.podUid());
    }

    private void awaitEnd(DomainEnd end) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(events).contains(new DomainEvent.Ended(uuid, end)));
        await().atMost(PATIENCE).until(() -> hypervisor.domain(uuid).isEmpty());
    }

    @Test
    void saysWhatItIs() throws Exception {
        HypervisorFacts facts = hypervisor.facts();

        assertThat(facts.libvirtVersion()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(facts.qemuVersion()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(facts.machineTypes()).isNotEmpty().allMatch(type -> type.startsWith("pc-q35-"));
    }

    @Test
    void startedDomainIsListedWithItsOwner() throws Exception {
        start(TinyGuest.STUBBORN);

        var expected = new RunningDomain(uuid, name, owner, RunningDomain.State.RUNNING);
        assertThat(hypervisor.domains()).containsExactly(expected);
        assertThat(hypervisor.domain(uuid)).contains(expected);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(events).contains(new DomainEvent.Running(uuid)));
    }

    @Test
    void domainWithoutOwnerIsInNoListAndNotTakenForAbsent() throws Exception {
        hypervisor.start(TinyGuest.STUBBORN.xml(uuid.toString(), name, "", directory()));

        assertThat(hypervisor.domains()).isEmpty();
        assertThatThrownBy(() -> hypervisor.domain(uuid))
                .isInstanceOfSatisfying(
                        HypervisorException.class,
                        e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED));

        hypervisor.destroy(uuid);
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> hypervisor.domain(uuid).isEmpty());
    }

    @Test
    void guestShutsDownWhenAsked() throws Exception {
        start(TinyGuest.OBEDIENT);

        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
            // Pressed again, because a guest that is not up yet misses it.
            hypervisor.requestShutdown(uuid);
            return hypervisor.domain(uuid).isEmpty();
        });

        awaitEnd(DomainEnd.SHUTDOWN);
    }

    @Test
    void guestThatIgnoresTheButtonRunsUntilDestroyed() throws Exception {
        guestsIgnoreTheButton();
        start(TinyGuest.STUBBORN);

        hypervisor.requestShutdown(uuid);
        assertThat(hypervisor.domain(uuid)).isPresent();
        hypervisor.destroy(uuid);

        awaitEnd(DomainEnd.DESTROYED);
    }

    @Test
    void guestPowersItselfOff() throws Exception {
        start(TinyGuest.BRIEF);
        guestPowersOff(uuid);

        awaitEnd(DomainEnd.SHUTDOWN);
    }

    @Test
    void killedEmulatorIsACrash() throws Exception {
        start(TinyGuest.STUBBORN);
        crash(uuid, name);

        awaitEnd(DomainEnd.CRASHED);
    }

    @Test
    void emulatorEndedByTheHostIsNotTheGuestsWill() throws Exception {
        start(TinyGuest.STUBBORN);
        terminateFromOutside(uuid, name);

        awaitEnd(DomainEnd.DESTROYED);
    }

    @Test
    void watchdogThatResetsTheGuestEndsNothing() throws Exception {
        startHung("reset");
        watchdogFires(uuid, false);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(events).contains(new DomainEvent.WatchdogFired(uuid, false)));
        assertThat(hypervisor.domain(uuid)).map(RunningDomain::state).contains(RunningDomain.State.RUNNING);
    }

    @Test
    void watchdogThatPowersTheGuestOffTellsBeforeItEnds() throws Exception {
        startHung("poweroff");
        watchdogFires(uuid, true);

        awaitEnd(DomainEnd.CRASHED);
        assertThat(events)
                .containsSubsequence(
                        new DomainEvent.WatchdogFired(uuid, true), new DomainEvent.Ended(uuid, DomainEnd.CRASHED));
    }

    private void startHung(String action) throws HypervisorException {
        String watchdog = """
                <watchdog model='i6300esb' action='%s'>
                  <address type='pci' domain='0' bus='0' slot='0x18' function='0'/>
                </watchdog>
                """.formatted(action);
        hypervisor.start(TinyGuest.HUNG
                .xml(uuid.toString(), name, metadata(), directory())
                .replace("<memballoon", watchdog + "<memballoon"));
    }

    @Test
    void refusedStartLeavesNothing() throws Exception {
        assertThatThrownBy(() -> hypervisor.start("<domain type='qemu'><name>" + name + "</name></domain>"))
                .isInstanceOfSatisfying(
                        HypervisorException.class,
                        e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED));

        assertThat(hypervisor.domains()).isEmpty();
    }

    @Test
    void secondStartIsRefusedAndTheFirstRunsOn() throws Exception {
        start(TinyGuest.STUBBORN);

        assertThatThrownBy(() -> start(TinyGuest.STUBBORN))
                .isInstanceOfSatisfying(
                        HypervisorException.class,
                        e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED));
        assertThat(hypervisor.domain(uuid)).map(RunningDomain::state).contains(RunningDomain.State.RUNNING);
    }

    @Test
    void domainThatIsGoneCanBeEndedAgain() throws Exception {
        hypervisor.requestShutdown(uuid);
        hypervisor.destroy(uuid);

        assertThat(hypervisor.domain(uuid)).isEqualTo(Optional.empty());
    }

    @Test
    void comesBackWithWhatRanMeanwhile() throws Exception {
        guestsIgnoreTheButton();
        start(TinyGuest.STUBBORN);
        disconnect();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(() -> hypervisor.domains())
                        .isInstanceOfSatisfying(
                                HypervisorException.class,
                                e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.UNAVAILABLE)));

        reconnect();

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(events).contains(new DomainEvent.Reconnected()));
        assertThat(hypervisor.domain(uuid)).map(RunningDomain::state).contains(RunningDomain.State.RUNNING);
        // libvirt answers this once it has QEMU back; destroyed before that, a domain ends without an event.
        hypervisor.requestShutdown(uuid);
        events.clear();
        hypervisor.destroy(uuid);
        awaitEnd(DomainEnd.DESTROYED);
    }

    @Test
    void tellsHowADomainEndedThatNobodyWatched() throws Exception {
        Instant before = Instant.now();
        assertThat(hypervisor.lastEnd(name, before)).isEqualTo(DomainEnd.UNKNOWN);
        start(TinyGuest.STUBBORN);
        assertThat(hypervisor.lastEnd(name, before)).isEqualTo(DomainEnd.UNKNOWN);
        disconnect();
        crash(uuid, name);
        reconnect();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(hypervisor.domains()).isEmpty());

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(hypervisor.lastEnd(name, before)).isEqualTo(DomainEnd.CRASHED));
        assertThat(hypervisor.lastEnd(name, Instant.now().plusSeconds(1))).isEqualTo(DomainEnd.UNKNOWN);
    }

    @Test
    void trialIsInNoListAndEndsWithItsHandle() throws Exception {
        Hypervisor.Trial trial = hypervisor.startTrial(TinyGuest.STUBBORN.xml(uuid.toString(), name, "", directory()));
        assertThat(hypervisor.domains()).isEmpty();
        trial.close();
        trial.close();

        // The name is free again.
        start(TinyGuest.STUBBORN);
        assertThat(hypervisor.domain(uuid)).isPresent();
    }
}
