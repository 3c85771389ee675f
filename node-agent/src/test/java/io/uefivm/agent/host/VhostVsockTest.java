package io.uefivm.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VhostVsockTest {
    @Test
    void isThereWhenItsDeviceOpens() {
        assertThat(VhostVsock.usable(Path.of("/dev/null"))).isTrue();
        assertThat(VhostVsock.usable(Path.of("/dev/no-such-device"))).isFalse();
    }
}
