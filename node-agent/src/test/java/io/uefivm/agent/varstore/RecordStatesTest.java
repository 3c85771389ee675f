package io.uefivm.agent.varstore;

import static io.uefivm.agent.varstore.StoreFixture.ADDED;
import static io.uefivm.agent.varstore.StoreFixture.DELETED;
import static io.uefivm.agent.varstore.StoreFixture.HEADER_ONLY;
import static io.uefivm.agent.varstore.StoreFixture.IN_TRANSITION;
import static io.uefivm.agent.varstore.StoreFixture.REPLACED;
import static io.uefivm.agent.varstore.StoreFixture.variable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a firmware that was stopped half-way leaves, read as edk2 reads it. */
class RecordStatesTest {
    private final StoreFixture fixture = new StoreFixture(StoreSize.M4);

    @ParameterizedTest
    @ValueSource(ints = {HEADER_ONLY, DELETED, REPLACED})
    void deadRecordsAreSkippedByTheirLength(int state) {
        fixture.record(state, "Boot0000", "dead and long enough to matter").record(ADDED, "Timeout", "5");

        assertThat(fixture.parse().variables()).containsExactly(variable("Timeout", "5"));
    }

    @Test
    void aRecordInTransitionIsLiveWhileItsReplacementIsMissing() {
        fixture.record(IN_TRANSITION, "Timeout", "old").record(HEADER_ONLY, "Timeout", "new");
        VarStore store = fixture.parse();

        assertThat(store.variables()).containsExactly(variable("Timeout", "old"));
        assertThat(VarStore.parse(store.compact().toBytes()).variables()).containsExactly(variable("Timeout", "old"));
    }

    @Test
    void theReplacementWinsOverTheRecordInTransition() {
        fixture.record(IN_TRANSITION, "Timeout", "old")
                .record(ADDED, "Lang", "en")
                .record(ADDED, "Timeout", "new");

        assertThat(fixture.parse().variables())
                .containsExactlyInAnyOrder(variable("Timeout", "new"), variable("Lang", "en"));
    }

    @Test
    void ofTwoAddedTheFirstCountsAndOfTwoInTransitionTheLast() {
        fixture.record(ADDED, "A", "first")
                .record(IN_TRANSITION, "A", "old")
                .record(ADDED, "A", "second")
                .record(IN_TRANSITION, "B", "first")
                .record(IN_TRANSITION, "B", "second");

        assertThat(fixture.parse().variables()).containsExactly(variable("A", "first"), variable("B", "second"));
    }

    @Test
    void theSameNameOfAnotherVendorIsAnotherVariable() {
        Variable shim =
                Variable.of(new VariableKey("A", Vendors.SHIM), Attributes.BOOT_VARIABLE, StoreFixture.text("shim"));
        fixture.record(ADDED, "A", "global").record(ADDED, shim);

        assertThat(fixture.parse().variables()).containsExactly(variable("A", "global"), shim);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aa55",
                "aa55ff00",
                "aa55ff0007000000",
                "aa55ff00070000000000000000000000000000000000000000000000000000000000000010000000",
            })
    void aHeaderThatWasBeingWrittenTakesUpJustItsOwnLength(String written) {
        fixture.record(ADDED, "A", "before").raw(written).skip(60).record(ADDED, "B", "after");

        assertThat(fixture.parse().variables()).containsExactly(variable("A", "before"), variable("B", "after"));
    }

    @Test
    void oneByteOfAHeaderIsNoRecordYet() {
        byte[] file = fixture.record(ADDED, "A", "before").raw("aa").bytes();

        assertThat(VarStore.parse(file).variables()).containsExactly(variable("A", "before"));
        assertThat(VarStore.parse(file).toBytes()).isEqualTo(file);
    }

    @Test
    void bytesThatAreNoRecordAreRefused() {
        fixture.record(ADDED, "A", "before").raw("55aa3f00");

        assertProblem(Problem.TRAILING_DATA, fixture.position());
    }

    @ParameterizedTest
    @ValueSource(strings = {"aa557e", "aa5500", "aa551f"})
    void aStateThatTheFirmwareNeverWritesIsRefused(String written) {
        fixture.raw(written);

        assertProblem(Problem.RECORD, 0x66);
    }

    @Test
    void lengthsBeyondTheStoreAreRefused() {
        fixture.record(ADDED, "A", "x").put(0x64 + 40, Bytes.ofHex("feffffff"));

        assertProblem(Problem.RECORD, 0x64 + 36);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "02000000", "05000000", "04000000"})
    void aNameThatIsNoNameIsRefused(String nameSize) {
        fixture.record(ADDED, "Name", "some data").put(0x64 + 36, Bytes.ofHex(nameSize));

        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(fixture::parse)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.RECORD));
    }

    @Test
    void paddingMayHoldAnything() {
        byte[] file = fixture.record(ADDED, "A", "x")
                .put(0x64 + 65, Bytes.ofHex("001122"))
                .record(ADDED, "B", "y")
                .bytes();

        assertThat(VarStore.parse(file).variables()).hasSize(2);
        assertThat(VarStore.parse(file).toBytes()).isEqualTo(file);
    }

    private void assertProblem(Problem problem, long offset) {
        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(fixture::parse)
                .satisfies(e -> {
                    assertThat(e.problem()).isEqualTo(problem);
                    assertThat(e.offset()).isEqualTo(offset);
                });
    }
}
