package io.uefivm.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountTableTest {
    private static final String MOUNTINFO = """
            22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            40 22 254:0 /srv/a /var/lib/uefivm/x/nvram/vars.fd rw - ext4 /dev/vda rw
            41 22 0:30 / /var/lib/uefivm/with\\040space rw shared:3 - tmpfs tmpfs rw
            42 40 254:0 /srv/b /var/lib/uefivm/x/nvram/vars.fd rw - ext4 /dev/vda rw
            43 22 254:0 /srv/c /var/lib/uefivm/xy/disks/a/disk.img rw - ext4 /dev/vda rw
            """;

    @Test
    void readsMountPointsEscapesIncluded() {
        assertThat(MountTable.parse(MOUNTINFO).points())
                .hasSize(5)
                .contains(Path.of("/"), Path.of("/var/lib/uefivm/with space"));
    }

    @Test
    void namesWhatIsWithinAPathTheNewestFirst() {
        MountTable table = MountTable.parse(MOUNTINFO);
        assertThat(table.within(Path.of("/var/lib/uefivm/x")))
                .hasSize(2)
                .containsOnly(Path.of("/var/lib/uefivm/x/nvram/vars.fd"));
        assertThat(table.within(Path.of("/var/lib/uefivm"))).startsWith(Path.of("/var/lib/uefivm/xy/disks/a/disk.img"));
        assertThat(table.within(Path.of("/var/lib/uefivm/none"))).isEmpty();
    }

    @Test
    void readsTheRealOne() {
        assertThat(MountTable.read().points()).contains(Path.of("/"));
    }
}
