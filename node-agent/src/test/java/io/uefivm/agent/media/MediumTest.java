package io.uefivm.agent.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.Disk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a guest's kernel makes of the image is for the tests with a guest to say. */
class MediumTest {
    private static final String UUID = "5e5d3c2e-0c44-4fb0-9d0f-3f6f7e0a1b2c";

    @TempDir
    private static Path directory;

    @Test
    void hasWhatCloudInitLooksFor() throws Exception {
        byte[] image =
                image("{name: seed, cloudInit: {userData: '#cloud-config', networkData: 'version: 2'}}", Map.of());

        assertThat(names(image)).contains(utf16("meta-data;1"), utf16("network-config;1"), utf16("user-data;1"));
        assertThat(names(image))
                .contains("#cloud-config", "version: 2", "instance-id: " + UUID + "\nlocal-hostname: web\n");
    }

    @Test
    void isAnIso9660ImageWithTheLabelOfTheDataSource() throws Exception {
        Path file = directory.resolve("seed.iso");
        Files.write(file, image("{name: seed, cloudInit: {userData: a}}", Map.of()));

        Process blkid = new ProcessBuilder("blkid", "--probe", file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(blkid.getInputStream().readAllBytes(), UTF_8);
        assertThat(said)
                .as("blkid, of the package util-linux")
                .contains("LABEL=\"cidata\"", "TYPE=\"iso9660\"", "VERSION=\"Joliet Extension\"");
    }

    @Test
    void takesContentFromSecrets() throws Exception {
        String disk = "{name: seed, cloudInit: {userDataSecretRef: {name: users, key: web}}}";

        assertThat(names(image(disk, Map.of("media/seed/user-data", "from a Secret".getBytes(UTF_8)))))
                .contains("from a Secret");
        assertThatThrownBy(() -> image(disk, Map.of()))
                .isInstanceOf(MediumException.class)
                .hasMessageStartingWith(
                        "disks[seed].cloudInit.userDataSecretRef: there is no Secret users with key web in");
    }

    @Test
    void hasTheAnswersUnderBothNamesThatWindowsKnows() throws Exception {
        assertThat(names(image("{name: answers, answerFile: {xml: <unattend/>}}", Map.of())))
                .contains(utf16("Autounattend.xml;1"), utf16("Unattend.xml;1"), "<unattend/>");
    }

    @Test
    void isTheSameForTheSameContent() throws Exception {
        String disk = "{name: seed, cloudInit: {userData: a}}";

        assertThat(image(disk, Map.of())).isEqualTo(image(disk, Map.of()));
    }

    @Test
    void hasRoomForContentOfSeveralSectors() throws Exception {
        byte[] large = "x".repeat(5000).getBytes(UTF_8);
        byte[] image = image(
                "{name: seed, cloudInit: {userDataSecretRef: {name: s, key: k}, networkData: z}}",
                Map.of("media/seed/user-data", large));

        assertThat(names(image)).contains("x".repeat(5000)).contains("z");
        assertThat(image.length % 2048).isZero();
    }

    private static byte[] image(String disk, Map<String, byte[]> secrets) throws MediumException {
        return new Medium("web", UUID, secrets).image(Serialization.unmarshal("---\n" + disk, Disk.class));
    }

    private static String names(byte[] image) {
        return new String(image, ISO_8859_1);
    }

    private static String utf16(String name) {
        return new String(name.getBytes(UTF_16BE), ISO_8859_1);
    }
}
