package io.uefivm.agent.varstore;

import static io.uefivm.agent.varstore.StoreFixture.ADDED;
import static io.uefivm.agent.varstore.StoreFixture.variable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A firmware stopped at each step of moving the whole store. */
class PendingWriteTest {
    private static final int ALLOCATED = 0xfe;
    private static final int WRITING = 0xfc;
    private static final int COMPLETE = 0xf8;
    private static final int NOTHING_DONE = 0xff;
    private static final int SPARE_COMPLETE = 0xfd;
    private static final int DESTINATION_COMPLETE = 0xf9;

    private static byte[] newStore(StoreSize size) {
        return new StoreFixture(size).record(ADDED, "Kept", "new").bytes();
    }

    private static StoreFixture oldStore(StoreSize size) {
        return new StoreFixture(size).record(ADDED, "Old", "1").record(ADDED, "Kept", "new");
    }

    @ParameterizedTest
    @EnumSource(StoreSize.class)
    void aCompleteSpareBlockIsReplayed(StoreSize size) {
        byte[] file = oldStore(size)
                .spare(newStore(size))
                .eraseStore(0x20)
                .journal(WRITING, SPARE_COMPLETE)
                .bytes();

        VarStore store = VarStore.parse(file);

        assertThat(store.pendingWrite()).isEqualTo(PendingWrite.REPLAYED);
        assertThat(store.variables()).containsExactly(variable("Kept", "new"));
        assertThat(store.toBytes()).isEqualTo(file);
        VarStore again = VarStore.parse(store.compact().toBytes());
        assertThat(again.pendingWrite()).isEqualTo(PendingWrite.NONE);
        assertThat(again.variables()).isEqualTo(store.variables());
        assertThat(again.toBytes()).isEqualTo(newStore(size));
    }

    @ParameterizedTest
    @CsvSource({ALLOCATED + ",0", WRITING + ",40"})
    void anIncompleteSpareBlockIsRefusedAndCanBeGivenUp(int header, int offset) {
        byte[] file = oldStore(StoreSize.M4).journal(header, NOTHING_DONE).bytes();

        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> VarStore.parse(file))
                .satisfies(e -> {
                    assertThat(e.problem()).isEqualTo(Problem.PENDING_WRITE);
                    assertThat(e.offset()).isEqualTo(0x41000 + 32 + offset);
                });
        VarStore store = VarStore.parseAbandoningPendingWrite(file);
        assertThat(store.pendingWrite()).isEqualTo(PendingWrite.ABANDONED);
        assertThat(store.variables()).containsExactly(variable("Old", "1"), variable("Kept", "new"));
        assertThat(VarStore.parse(store.compact().toBytes()).variables()).isEqualTo(store.variables());
    }

    @Test
    void aJournalHeaderThatWasBeingWrittenIsAPendingWriteToo() {
        byte[] file = oldStore(StoreSize.M4)
                .put(0x41000 + 32, Bytes.ofHex("feffffff9b"))
                .bytes();

        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> VarStore.parse(file))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.PENDING_WRITE));
        assertThat(VarStore.parseAbandoningPendingWrite(file).variables()).hasSize(2);
    }

    @Test
    void givingUpDoesNotHideADamagedStore() {
        byte[] file = oldStore(StoreSize.M4)
                .eraseStore(0x20)
                .journal(WRITING, NOTHING_DONE)
                .bytes();

        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> VarStore.parseAbandoningPendingWrite(file))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.VOLUME_HEADER));
    }

    @ParameterizedTest
    @CsvSource({
        COMPLETE + "," + DESTINATION_COMPLETE,
        WRITING + "," + DESTINATION_COMPLETE,
        NOTHING_DONE + "," + NOTHING_DONE,
    })
    void aFinishedOrUnallocatedWriteLeavesTheStoreAsItIs(int header, int record) {
        byte[] file = oldStore(StoreSize.M4)
                .spare(newStore(StoreSize.M4))
                .journal(header, record)
                .bytes();

        VarStore store = VarStore.parse(file);

        assertThat(store.pendingWrite()).isEqualTo(PendingWrite.NONE);
        assertThat(store.find(VariableKey.global("Old"))).isPresent();
        assertThat(store.toBytes()).isEqualTo(file);
    }

    @Test
    void aDamagedWorkingBlockIsNoJournal() {
        byte[] file = oldStore(StoreSize.M4)
                .journal(WRITING, NOTHING_DONE)
                .put(0x41000 + 16, Bytes.ofHex("00000000"))
                .bytes();

        assertThat(VarStore.parse(file).pendingWrite()).isEqualTo(PendingWrite.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        // block, offset, length, relative offset
        "1, 72, 16, -270336",
        "0, -1, 262072, -270336",
        "0, 72, 9223372036854775807, -270336",
        "0, 9223372036854775807, 72, -270336",
        "0, 72, 262073, -270336",
        "0, 72, 0, -270336",
        "65, 0, 16, -4096",
        "-1, 72, 16, -274432",
        "0, 72, 262072, 0",
    })
    void aPendingWriteToAnywhereElseIsRefused(long block, long offset, long length, long relative) {
        byte[] file = oldStore(StoreSize.M4)
                .spare(newStore(StoreSize.M4))
                .journal(WRITING, SPARE_COMPLETE)
                .put(
                        0x41000 + 32 + 40 + 8,
                        new ByteWriter()
                                .u64(block)
                                .u64(offset)
                                .u64(length)
                                .u64(relative)
                                .toBytes())
                .bytes();

        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> VarStore.parse(file))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.PENDING_WRITE));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-1, 0", "0, -1", "9223372036854775807, 9223372036854775807", "4000, 4000"})
    void aQueueOfNonsenseEndsTheWalk(long writes, long privateData) {
        byte[] file = oldStore(StoreSize.M4)
                .journal(COMPLETE, DESTINATION_COMPLETE)
                .put(
                        0x41000 + 32 + 24,
                        new ByteWriter().u64(writes).u64(privateData).toBytes())
                .bytes();

        assertThat(VarStore.parse(file).variables()).hasSize(2);
    }
}
