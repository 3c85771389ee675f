package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiskSerialTest {
    @Test
    void isTheNameWhereItFits() {
        assertThat(DiskSerial.of("exactly-twenty-chars")).isEqualTo("exactly-twenty-chars");
    }

    @Test
    void tellsLongNamesApartThatBeginAlike() {
        String first = DiskSerial.of("archive-of-the-last-ten-years");
        String second = DiskSerial.of("archive-of-the-last-six-years");

        assertThat(first).hasSize(20).startsWith("archive-of-").isNotEqualTo(second);
    }

    @Test
    void isTheSameEveryTime() {
        assertThat(DiskSerial.of("archive-of-the-last-ten-years")).isEqualTo("archive-of--db0153ac");
    }
}
