package io.uefivm.agent.varstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.SecureBootState;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import io.uefivm.agent.varstore.Vendors;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class NvramCommandTest {
    private static final Clock NOW = Clock.fixed(Instant.parse("2026-11-21T00:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path booted;

    @BeforeEach
    void copyAStoreThatOvmfWrote() throws IOException {
        booted = vector("4m-microsoft-booted");
    }

    private Path vector(String name) throws IOException {
        Path file = folder.resolve(name + ".fd");
        try (InputStream in = Objects.requireNonNull(VarStore.class.getResourceAsStream("ovmf/" + name + ".fd.gz"))) {
            Files.write(file, new GZIPInputStream(in).readAllBytes());
        }
        return file;
    }

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine command = NvramCommand.commandLine(NOW);
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return command.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out.toString());
    }

    private static VarStore store(Path file) throws IOException {
        return VarStore.parse(Files.readAllBytes(file));
    }

    @Test
    void showTellsThePersonWhatMatters() throws IOException {
        byte[] before = Files.readAllBytes(booted);

        assertThat(run("show", booted)).isZero();

        assertThat(out.toString())
                .contains("4M store, 540672 bytes")
                .contains("Secure Boot  enforcing")
                .contains("Microsoft Corporation UEFI CA 2011       expired 2026-06-27")
                .contains("Microsoft UEFI CA 2023                   until   2038-06-13")
                .containsPattern("1\\. Boot0001 UEFI Non-Block Boot Device +PciRoot\\(0x0\\)/Pci\\(0x1,0x0\\)")
                .containsPattern("ConOut .*Uart\\(115200,8,N,1\\)/VenPcAnsi\\(\\)");
        assertThat(Files.readAllBytes(booted)).isEqualTo(before);
    }

    @Test
    void showPrintsJson() throws IOException {
        assertThat(run("show", "--json", booted)).isZero();

        JsonNode json = json();
        assertThat(json.at("/layout").asText()).isEqualTo("M4");
        assertThat(json.at("/sha256").asText())
                .isEqualTo(Bytes.copyOf(Files.readAllBytes(booted)).sha256());
        assertThat(json.at("/keys/secureBoot").asText()).isEqualTo("ENFORCING");
        assertThat(json.at("/keys/certificates")).hasSize(8);
        assertThat(json.at("/boot/entries/0/devicePath").asText()).isEqualTo("PciRoot(0x0)/Pci(0x1,0x0)");
        assertThat(json.at("/boot/entries/0/efibootmgr").asText()).isEqualTo("PciRoot(0x0)/Pci(0x1,0x0)");
        assertThat(json.at("/bytes/free").asInt()).isPositive();
    }

    @Test
    void aStoreWithAPendingWriteCanBeShown() throws IOException {
        assertThat(run("show", vector("4m-spare-incomplete"))).isZero();
        assertThat(out.toString()).contains("a pending write was given up");
        assertThat(run("show", vector("4m-spare-complete"))).isZero();
        assertThat(out.toString()).contains("a pending write was replayed");
    }

    @Test
    void keysThatCannotBeReadDoNotHideTheRest() throws IOException {
        assertThat(run("set", booted, "db", "--hex", "00")).isZero();

        assertThat(run("show", booted)).isZero();
        assertThat(out.toString())
                .contains("! cannot be read: A signature list's type needs 16 bytes")
                .contains("UiApp");
        assertThat(run("show", "--json", booted)).isZero();
        assertThat(json().at("/keys/problem").asText()).contains("signature list");
        assertThat(json().at("/keys/secureBoot").asText()).isEqualTo("ENFORCING");
    }

    @Test
    void aGuestsTextDoesNotReachTheTerminalAsEscapes() throws IOException {
        Path file = folder.resolve("evil.fd");
        Files.write(
                file,
                EmptyStore.of(StoreSize.M4)
                        .set(Variable.of(
                                VariableKey.global("a\u001b[2J\u202e@|red x|@%s"),
                                Attributes.BOOT_VARIABLE,
                                Bytes.ofHex("00")))
                        .toBytes());

        assertThat(run("show", file)).isZero();

        assertThat(out.toString()).contains("a\\u001b[2J\\u202e@|red x|@%s").doesNotContain("\u001b", "\u202e");
    }

    @Test
    void setGetAndDeleteOneVariable() throws IOException {
        assertThat(run("set", booted, "Uefivm", "--text", "hello")).isZero();
        assertThat(run("get", booted, "Uefivm")).isZero();
        assertThat(out.toString())
                .contains("attributes NV,BS,RT")
                .contains("68 65 6c 6c 6f 00")
                .contains("hello.");
        assertThat(store(booted).find("Uefivm", Vendors.GLOBAL))
                .hasValueSatisfying(variable -> assertThat(variable.data())
                        .isEqualTo(Bytes.copyOf("hello\0".getBytes(StandardCharsets.US_ASCII))));

        assertThat(run("set", booted, "Uefivm", "--hex", "0a 0b", "--attributes", "0x3"))
                .isZero();
        assertThat(run("get", "--json", booted, "Uefivm-8be4df61-93ca-11d2-aa0d-00e098032b8c"))
                .isZero();
        assertThat(json().at("/data").asText()).isEqualTo("0a0b");
        assertThat(json().at("/attributes").asText()).isEqualTo("NV,BS");

        assertThat(run("delete", booted, "Uefivm", "Timeout")).isZero();
        assertThat(store(booted).find("Timeout", Vendors.GLOBAL)).isEmpty();
        assertThat(run("get", booted, "Uefivm")).isEqualTo(2);
        assertThat(err.toString()).startsWith("There is no variable Uefivm-8be4df61");
    }

    @Test
    void aNewValueKeepsAttributesAndTimeOfTheVariable() throws IOException {
        Variable before = store(booted).find("db", Vendors.IMAGE_SECURITY).orElseThrow();

        assertThat(run("set", booted, "db", "--hex", "00")).isZero();

        assertThat(store(booted).find(before.key())).contains(before.withData(Bytes.ofHex("00")));
    }

    @Test
    void theFileIsReplacedWithItsModeAndAnOutputLeavesItAlone() throws IOException {
        Files.setPosixFilePermissions(booted, PosixFilePermissions.fromString("rw-r-----"));
        byte[] before = Files.readAllBytes(booted);
        Path other = folder.resolve("other.fd");

        assertThat(run("delete", booted, "Timeout", "-o", other)).isZero();
        assertThat(Files.readAllBytes(booted)).isEqualTo(before);
        assertThat(store(other).find("Timeout", Vendors.GLOBAL)).isEmpty();

        assertThat(run("delete", booted, "Timeout")).isZero();
        assertThat(Files.readAllBytes(booted)).isEqualTo(Files.readAllBytes(other));
        assertThat(Files.getPosixFilePermissions(booted)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(booted, other);
        }
    }

    @Test
    void bootOrderIsShownAndSet() throws IOException {
        assertThat(run("boot-order", booted)).isZero();
        assertThat(out.toString()).containsPattern("2\\. Boot0000 UiApp");

        assertThat(run("boot-order", booted, "Boot0002", "0001", "--next", "0000"))
                .isZero();

        BootConfiguration boot = BootConfiguration.of(store(booted));
        assertThat(boot.order()).containsExactly(2, 1);
        assertThat(boot.next()).hasValue(0);
        assertThat(run("boot-order", booted, "00FF")).isEqualTo(2);
        assertThat(err.toString()).contains("There is no boot entry 00FF");
    }

    @Test
    void keysAreEnrolledFromFilesAndFromMicrosoft() throws IOException {
        Path file = folder.resolve("new.fd");
        Files.write(file, EmptyStore.of(StoreSize.M4).toBytes());
        Path der = folder.resolve("own.der");
        Files.write(
                der,
                SecureBootView.of(store(booted))
                        .pk()
                        .get(0)
                        .signatures()
                        .get(0)
                        .data()
                        .toArray());

        assertThat(run("enroll", file)).isEqualTo(2);
        assertThat(run("enroll", file, "--microsoft", "--db", der)).isZero();
        assertThat(run("keys", file)).isZero();
        assertThat(out.toString().lines().filter(line -> line.startsWith("  db ")))
                .hasSize(6);
        assertThat(run("enroll", file, "--pk", der, "--kek", der, "--db", der)).isZero();
        assertThat(run("keys", "--json", file)).isZero();
        assertThat(json().at("/certificates")).hasSize(3);
        assertThat(SecureBootState.of(store(file))).isEqualTo(SecureBootState.ENFORCING);
    }

    @Test
    void diffTellsByItsExitCode() throws IOException {
        Path other = folder.resolve("other.fd");
        assertThat(run("compact", booted, "-o", other)).isZero();
        assertThat(run("diff", booted, other)).isZero();
        assertThat(out.toString()).isEmpty();

        run("delete", other, "Timeout");
        run("set", other, "PlatformLang", "--text", "de");
        run("set", other, "Lang", "--hex", "656e6700", "--attributes", "0x3");
        run("set", other, "New", "--hex", "01");

        assertThat(run("diff", booted, other)).isEqualTo(1);
        assertThat(out.toString())
                .containsPattern("(?m)^- Timeout-.*0 s$")
                .containsPattern("(?m)^\\+ New-")
                .containsPattern("(?m)^- PlatformLang-.*en$\n^\\+ PlatformLang-.*de$")
                .contains("only attributes, time or counters differ");
        assertThat(run("diff", "--json", booted, other)).isEqualTo(1);
        assertThat(json().at("/changed")).hasSize(2);
    }

    @Test
    void aStoreIsConverted() throws IOException {
        Path small = folder.resolve("small.fd");
        assertThat(run("convert", booted, "--to", "M2", "-o", small)).isZero();
        assertThat(out.toString()).startsWith("33 variables moved");
        assertThat(store(small).size()).isEqualTo(StoreSize.M2);
        assertThat(run("diff", booted, small)).isZero();
    }

    @Test
    void aDamagedStoreIsRepairedIntoAnotherFile() throws IOException {
        byte[] bytes = Files.readAllBytes(booted);
        bytes[0x64 + 2] = 0x55;
        Files.write(booted, bytes);
        Path repaired = folder.resolve("repaired.fd");

        assertThat(run("show", booted)).isEqualTo(2);
        assertThat(err.toString()).contains("(at offset 0x66)");
        assertThat(run("repair", booted, "-o", repaired)).isZero();
        assertThat(out.toString()).contains("were left out").contains("32 variables saved");
        assertThat(Files.readAllBytes(booted)).isEqualTo(bytes);
        assertThat(store(repaired).variables()).hasSize(32);
    }

    @Test
    void whatCannotBeDoneIsSaidInOneLine() throws IOException {
        assertThat(run("show", folder.resolve("missing.fd"))).isEqualTo(2);
        assertThat(err.toString()).startsWith("There is no file").hasLineCount(1);

        Path notAStore = Files.writeString(folder.resolve("text.fd"), "hello");
        assertThat(run("show", notAStore)).isEqualTo(2);
        assertThat(err.toString()).startsWith("A variable store has").hasLineCount(1);

        assertThat(run("set", booted, "X", "--hex", "0")).isEqualTo(2);
        assertThat(run("show")).isEqualTo(2);
        assertThat(run("show", "--help")).isZero();
    }
}
