package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * QEMU gets SIGKILL while its guest writes variables in a loop, collecting garbage every few seconds. The machine is booted once
 * and saved; every kill is of one that goes on from there. Three of four come at a random moment, the fourth as soon as the
 * journal says that the store is being moved.
 *
 * <p>More on request: {@code -Dvarstore.kills=500 -Dvarstore.seed=2 -Dvarstore.layout=M4}.
 */
@Timeout(value = 6, unit = TimeUnit.HOURS)
class KilledWhileWritingTest {
    private static final UUID VENDOR = UUID.fromString("5a7f3c1e-0b6d-4c59-9f3b-2d1e8c7a6b50");
    private static final int VARIABLES = 12;
    private static final List<String> VALUES = List.of("A".repeat(680), "B".repeat(680));
    private static final int MOST_MILLISECONDS = 1500;
    /** Garbage is collected every five seconds on an idle core. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final int kills = Integer.getInteger("varstore.kills", 20);
    private final long seed = Long.getLong("varstore.seed", 20261121L);
    private final StoreSize size = StoreSize.valueOf(System.getProperty("varstore.layout", "M2"));

    @TempDir
    private Path folder;

    @Test
    void everyStoreThatIsLeftHasEveryVariableWhole() throws IOException, InterruptedException {
        Path vars = folder.resolve("vars.fd");
        Path state = folder.resolve("machine.state");
        List<String> disk = OvmfMachine.disk("fat:" + writeLoop(), "");
        Files.write(vars, EmptyStore.of(size).toBytes());
        try (OvmfMachine machine = OvmfMachine.start(folder, size, vars, disk)) {
            machine.awaitConsole("WRITING");
            await().atMost(PATIENCE).until(() -> written(Files.readAllBytes(vars)) == VARIABLES);
            machine.save(state);
        }
        byte[] before = Files.readAllBytes(vars);
        Random random = new Random(seed);
        Map<PendingWrite, Integer> found = new EnumMap<>(PendingWrite.class);
        int unfinished = 0;
        byte[] torn = before;
        for (int kill = 0; kill < kills; kill++) {
            Files.write(vars, before);
            byte[] left = killed(vars, state, disk, before, kill % 4 == 3 ? -1 : random.nextInt(MOST_MILLISECONDS));
            VarStore store = checked(left, before, "kill " + kill + " of seed " + seed);
            found.merge(store.pendingWrite(), 1, Integer::sum);
            boolean isTorn = store.pendingWrite() != PendingWrite.NONE || hasUnfinishedRecord(left);
            unfinished += isTorn ? 1 : 0;
            torn = isTorn ? left : torn;
        }
        System.out.printf(
                "%d kills, %s, seed %d: %d while a record or the store was being written, pending writes %s%n",
                kills, size, seed, unfinished, found);
        assertThat(unfinished).isPositive();
        theFirmwareItselfGoesOnWith(torn, vars, disk);
    }

    /** The UEFI shell runs this file from the first disk that has it. */
    private Path writeLoop() throws IOException {
        Path esp = Files.createDirectories(folder.resolve("esp"));
        Stream<String> set = VALUES.stream()
                .flatMap(value -> IntStream.range(0, VARIABLES)
                        .mapToObj(i -> "setvar Test" + i + " -guid " + VENDOR + " -nv -bs =S\"" + value + "\""));
        List<String> lines = Stream.of(Stream.of("@echo -off", "echo WRITING", ":again"), set, Stream.of("goto again"))
                .flatMap(part -> part)
                .toList();
        Files.writeString(esp.resolve("startup.nsh"), String.join("\r\n", lines) + "\r\n");
        return esp;
    }

    private boolean isBeingMoved(byte[] file) {
        try {
            return FaultTolerantWrite.read(Bytes.copyOf(file), size).state() != FaultTolerantWrite.State.IDLE;
        } catch (VarstoreException e) {
            // The file is read while it is written.
            return true;
        }
    }

    /** @param milliseconds after its first write; negative for when it moves the store */
    private byte[] killed(Path vars, Path state, List<String> disk, byte[] before, int milliseconds)
            throws IOException, InterruptedException {
        List<String> devices =
                Stream.concat(disk.stream(), OvmfMachine.from(state).stream()).toList();
        try (OvmfMachine machine = OvmfMachine.start(folder, size, vars, devices)) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> !Arrays.equals(Files.readAllBytes(vars), before));
            if (milliseconds >= 0) {
                machine.run(Duration.ofMillis(milliseconds));
            } else {
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> isBeingMoved(Files.readAllBytes(vars)));
            }
        }
        return Files.readAllBytes(vars);
    }

    private static int written(byte[] file) {
        try {
            return values(VarStore.parseAbandoningPendingWrite(file)).size();
        } catch (VarstoreException e) {
            // The file is read while it is written.
            return 0;
        }
    }

    private static Map<VariableKey, String> values(VarStore store) {
        Map<VariableKey, String> values = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        store.variables().stream()
                .filter(variable -> variable.vendor().equals(VENDOR))
                .forEach(variable ->
                        values.put(variable.key(), new String(variable.data().toArray(), StandardCharsets.US_ASCII)));
        return values;
    }

    private static VarStore checked(byte[] left, byte[] before, String what) {
        StoreRules.check(left);
        VarStore store = VarStore.parseAbandoningPendingWrite(left);
        assertWhole(values(store), what);
        assertThat(others(store))
                .as(what)
                .containsExactlyInAnyOrderElementsOf(others(VarStore.parseAbandoningPendingWrite(before)));
        return store;
    }

    private static void assertWhole(Map<VariableKey, String> values, String what) {
        assertThat(values).as(what).hasSize(VARIABLES);
        assertThat(values.values())
                .as(what)
                .allSatisfy(value -> assertThat(VALUES).contains(value.replace("\0", "")));
    }

    private static List<Variable> others(VarStore store) {
        return store.variables().stream()
                .filter(variable -> !variable.vendor().equals(VENDOR))
                .toList();
    }

    private boolean hasUnfinishedRecord(byte[] left) {
        return StoreFormat.records(Bytes.copyOf(left), size).stream()
                .map(StoredRecord::state)
                .anyMatch(state -> state == RecordState.HEADER_INCOMPLETE
                        || state == RecordState.DATA_INCOMPLETE
                        || state == RecordState.IN_DELETED_TRANSITION);
    }

    private void theFirmwareItselfGoesOnWith(byte[] torn, Path vars, List<String> disk) throws IOException {
        Files.write(vars, torn);
        try (OvmfMachine machine = OvmfMachine.start(folder, size, vars, disk)) {
            machine.awaitConsole("WRITING");
        }
        // Consoles and boot entries the firmware writes anew.
        assertWhole(values(VarStore.parseAbandoningPendingWrite(Files.readAllBytes(vars))), "after another start");
    }
}
