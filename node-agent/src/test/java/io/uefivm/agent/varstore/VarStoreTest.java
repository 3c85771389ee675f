package io.uefivm.agent.varstore;

import static io.uefivm.agent.varstore.StoreFixture.variable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarStoreTest {
    static final List<String> TEMPLATES = OvmfTemplates.NAMES;

    @ParameterizedTest
    @CsvSource({"M2, OVMF_VARS.fd", "M4, OVMF_VARS_4M.fd"})
    void anEmptyStoreIsTheOneThatDebianBuilds(StoreSize size, String template) {
        assertThat(EmptyStore.of(size).toBytes()).isEqualTo(OvmfTemplates.bytes(template));
    }

    @ParameterizedTest
    @FieldSource("TEMPLATES")
    void anUntouchedStoreIsWrittenAsItWasRead(String template) {
        byte[] file = OvmfTemplates.bytes(template);

        assertThat(VarStore.parse(file).toBytes()).isEqualTo(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"OVMF_VARS_4M.ms", "OVMF_VARS_4M.snakeoil"})
    void debian13sTemplatesAreReadWithoutLoss(String name) throws IOException {
        byte[] file;
        try (InputStream in =
                Objects.requireNonNull(VarStoreTest.class.getResourceAsStream("debian13/" + name + ".fd.gz"))) {
            file = new GZIPInputStream(in).readAllBytes();
        }

        assertThat(StoreRules.check(file)).isEmpty();
        assertThat(SecureBootState.of(VarStore.parse(file))).isEqualTo(SecureBootState.ENFORCING);
    }

    @Test
    void everyOtherFileOfThePackageIsNamedAsWhatItIsNot() throws IOException {
        List<Path> others = new ArrayList<>();
        for (String folder : List.of("/usr/share/OVMF", "/usr/share/ovmf")) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(".fd"))
                        .filter(file -> !TEMPLATES.contains(file.getFileName().toString()))
                        .forEach(others::add);
            }
        }

        assertThat(others)
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(file -> assertThatExceptionOfType(VarstoreException.class)
                        .isThrownBy(() -> VarStore.parse(Files.readAllBytes(file)))
                        .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.SIZE)));
    }

    @ParameterizedTest
    @FieldSource("TEMPLATES")
    void anEditKeepsEveryOtherVariableAsItIs(String template) {
        VarStore before = OvmfTemplates.store(template);
        Variable added = variable("Uefivm", "test");

        VarStore after = VarStore.parse(before.set(added).toBytes());

        assertThat(after.find(added.key())).contains(added);
        assertThat(after.variables())
                .containsAll(before.variables())
                .hasSize(before.variables().size() + 1);
        assertThat(VarStore.parse(after.delete(added.key()).toBytes()).variables())
                .isEqualTo(before.variables());
    }

    @Test
    void allThatTheFormatKnowsAboutAVariableIsKept() {
        Variable all = new Variable(
                new VariableKey("dbx", Vendors.IMAGE_SECURITY),
                Attributes.KEY_VARIABLE,
                0x8000_0000_0000_0001L,
                new EfiTime(2026, 11, 21, 18, 0, 59, 7, 999_999_999L, -60, 3, 9),
                0xfffffffeL,
                Bytes.ofHex("00ff10"));

        VarStore store = VarStore.parse(EmptyStore.of(StoreSize.M2).set(all).toBytes());

        assertThat(store.variables()).containsExactly(all);
    }

    @Test
    void namesAreAnyText() {
        Variable odd = variable("Größe \uD83D\uDE00 \uD800", "x");

        assertThat(VarStore.parse(EmptyStore.of(StoreSize.M4).set(odd).toBytes())
                        .find(odd.key()))
                .contains(odd);
    }

    @Test
    void settingReplacesTheWholeVariable() {
        VarStore store = EmptyStore.of(StoreSize.M4)
                .set(variable("Timeout", "old"))
                .set(Variable.authenticated(
                        VariableKey.global("Timeout"),
                        Attributes.KEY_VARIABLE,
                        EfiTime.of(LocalDateTime.of(2010, 1, 1, 0, 0)),
                        StoreFixture.text("new")));

        assertThat(VarStore.parse(store.toBytes()).variables()).singleElement().satisfies(only -> {
            assertThat(only.data()).isEqualTo(StoreFixture.text("new"));
            assertThat(only.attributes()).isEqualTo(0x27);
            assertThat(only.timestamp()).hasToString("2010-01-01T00:00:00Z");
        });
    }

    @ParameterizedTest
    @EnumSource(StoreSize.class)
    void aStoreCanBeFilledToTheLastByteAndNoFurther(StoreSize size) {
        VarStore store = EmptyStore.of(size);
        int filler = size.maxVariable(false) - StoredRecord.HEADER_LENGTH - 8 & ~3;
        int number = 0;
        while (store.usage().free() >= filler + StoredRecord.HEADER_LENGTH + 8) {
            store = store.set(filler(number++, filler));
        }
        int rest = store.usage().free() - StoredRecord.HEADER_LENGTH - 8;
        VarStore full = store.set(filler(number++, rest));

        assertThat(full.usage()).isEqualTo(new StoreUsage(size.capacity(), size.capacity(), 0, 0));
        assertThat(VarStore.parse(full.toBytes()).variables()).isEqualTo(full.variables());
        Variable tooMuch = filler(number, 1);
        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> full.set(tooMuch))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.NO_SPACE));
    }

    private static Variable filler(int number, int length) {
        return Variable.of(
                VariableKey.global(String.format("F%02d", number)),
                Attributes.BOOT_VARIABLE,
                Bytes.copyOf(new byte[length]));
    }

    @Test
    void aVariableThatTheFirmwareWouldNotTakeIsRefused() {
        VarStore store = EmptyStore.of(StoreSize.M4);
        VariableKey key = VariableKey.global("X");
        Bytes one = Bytes.ofHex("00");

        assertRefused(store, Variable.of(key, Attributes.BOOT_SERVICE, one), "NV and BS");
        assertRefused(store, Variable.of(VariableKey.global(""), Attributes.BOOT_VARIABLE, one), "name");
        assertRefused(store, Variable.of(VariableKey.global("a\0b"), Attributes.BOOT_VARIABLE, one), "NUL");
        assertRefused(store, Variable.of(key, Attributes.BOOT_VARIABLE, Bytes.EMPTY), "no data");
        assertRefused(store, Variable.of(key, Attributes.BOOT_VARIABLE, Bytes.copyOf(new byte[0x8400])), "allows");
    }

    private static void assertRefused(VarStore store, Variable variable, String why) {
        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> store.set(variable))
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.INVALID_VARIABLE));
    }

    @Test
    void usageTellsLiveFromReclaimable() {
        VarStore store = new StoreFixture(StoreSize.M4)
                .record(StoreFixture.DELETED, "Gone", "12345")
                .record(StoreFixture.ADDED, "Here", "12345")
                .parse();
        int each = 60 + 10 + 5 + 1;

        assertThat(store.usage()).isEqualTo(new StoreUsage(0x3ff9c, each, each, 0x3ff9c - 2 * each));
        assertThat(store.compact().usage()).isEqualTo(new StoreUsage(0x3ff9c, each, 0, 0x3ff9c - each));
        assertThat(VarStore.parse(store.compact().toBytes()).variables()).isEqualTo(store.variables());
    }

    @Test
    void anEditKeepsTheEventLogAndReservedBytesOfOtherRecords() {
        Bytes log = Bytes.ofHex("00112233");
        byte[] file = new StoreFixture(StoreSize.M4)
                .record(StoreFixture.ADDED, "Here", "12345")
                .put(0x64 + 3, Bytes.ofHex("a5"))
                .put(0x40010, log)
                .bytes();

        Bytes after =
                Bytes.copyOf(VarStore.parse(file).set(variable("New", "1")).toBytes());

        assertThat(after.slice(0x40010, 0x40014)).isEqualTo(log);
        assertThat(after.u8(0x64 + 3)).isEqualTo(0xa5);
    }

    @Test
    void deletingWhatIsNotThereChangesNothing() {
        VarStore store = OvmfTemplates.store("OVMF_VARS_4M.ms.fd");

        assertThat(store.delete(VariableKey.global("NoSuchThing"))).isSameAs(store);
    }
}
