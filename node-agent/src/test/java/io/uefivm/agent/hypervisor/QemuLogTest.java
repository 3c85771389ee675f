package io.uefivm.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines as libvirt 9.0 and QEMU 7.2 wrote them. */
class QemuLogTest {
    private static final String START =
            "2026-11-21 19:28:17.500+0000: starting up libvirt version: 9.0.0, package: 9.0.0-4, qemu version: 7.2.22";
    private static final Instant STARTED = Instant.parse("2026-11-21T19:28:17Z");

    private static String end(String reason) {
        return "2026-11-21 19:28:20.475+0000: shutting down, reason=" + reason;
    }

    private static String signal(String sender) {
        return "2026-11-21T19:28:20.247699Z qemu-system-x86_64: terminating on signal 15 from pid 17 (" + sender + ")";
    }

    private static DomainEnd lastEnd(String... lines) {
        return QemuLog.lastEnd(Stream.of(lines), STARTED);
    }

    @ParameterizedTest
    @CsvSource({"shutdown,SHUTDOWN", "destroyed,DESTROYED", "crashed,CRASHED", "failed,FAILED", "migrated,UNKNOWN"})
    void reasonsOfLibvirt(String reason, DomainEnd expected) {
        assertThat(lastEnd(START, "-msg timestamp=on", end(reason))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"libvirtd", "/usr/sbin/libvirtd", "/usr/sbin/virtqemud"})
    void libvirtEndsQemuOnceTheGuestHasShutDown(String sender) {
        assertThat(lastEnd(START, signal(sender), end("shutdown"))).isEqualTo(DomainEnd.SHUTDOWN);
    }

    @ParameterizedTest
    @CsvSource({"/sbin/init,shutdown", "<unknown process>,shutdown", "'',crashed"})
    void signalFromAnybodyElseIsNotTheGuestsWill(String sender, String reason) {
        assertThat(lastEnd(START, signal(sender), end(reason))).isEqualTo(DomainEnd.DESTROYED);
    }

    @Test
    void signalOfAnEarlierRunDoesNotCount() {
        assertThat(lastEnd(START, signal("/sbin/init"), end("shutdown"), START, end("crashed")))
                .isEqualTo(DomainEnd.CRASHED);
    }

    @Test
    void aRunThatGoesOnHasNoEnd() {
        assertThat(lastEnd(START, end("crashed"), START, "-msg timestamp=on")).isEqualTo(DomainEnd.UNKNOWN);
    }

    @Test
    void anEndBeforeTheStartWasAnEarlierRuns() {
        assertThat(QemuLog.lastEnd(Stream.of(START, end("shutdown")), STARTED.plusSeconds(60)))
                .isEqualTo(DomainEnd.UNKNOWN);
    }

    @Test
    void textThatLooksLikeAnEndInTheMiddleOfALineIsNone() {
        assertThat(lastEnd(START, "qemu-system-x86_64: " + end("shutdown"))).isEqualTo(DomainEnd.UNKNOWN);
    }

    @Test
    void otherTimeZones() {
        assertThat(lastEnd(START, "2026-11-21 21:28:20.475+0200: shutting down, reason=shutdown"))
                .isEqualTo(DomainEnd.SHUTDOWN);
        assertThat(lastEnd(START, "2026-11-21 20:28:20.475+0200: shutting down, reason=shutdown"))
                .isEqualTo(DomainEnd.UNKNOWN);
    }
}
