package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import io.uefivm.api.v1alpha1.CorruptionPolicy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** One VM on a disk that can lose power: what an agent and a domain do, in one line each. */
final class Vm {
    static final String UID = "0b5c1d8e-7f0a-4c5e-9a55-3f2d1c0b9a87";
    static final int LIMIT = 3;
    static final Terms TERMS = new Terms(LIMIT, CorruptionPolicy.Recover, Optional.empty());
    static final Initial INITIAL = new Initial(TestStore.vars(1000), "sha256:c0de");

    private final MemoryDisk disk;

    Vm(MemoryDisk disk) {
        this.disk = disk;
    }

    MemoryDisk disk() {
        return disk;
    }

    NvramState state() {
        return new NvramState(
                disk.root(),
                UID,
                TestStore.check(),
                Clock.fixed(Instant.parse("2026-05-01T10:00:00Z"), ZoneOffset.UTC));
    }

    Preparation.Ready prepare(long epoch) throws NvramException {
        Preparation result = state().prepare(epoch, INITIAL, StoreEdit.NONE, TERMS);
        assertThat(result).isInstanceOf(Preparation.Ready.class);
        return (Preparation.Ready) result;
    }

    /** Prepares an epoch and lets its domain write the store and the TPM with this id. */
    Vm run(long epoch, int id) throws NvramException {
        prepare(epoch);
        state().markStarting(epoch);
        write(epoch, id);
        return this;
    }

    void write(long epoch, int id) {
        writeVars(epoch, TestStore.vars(id));
        writeTpm(epoch, TestStore.tpm(id));
    }

    void writeVars(long epoch, byte[] vars) {
        disk.overwrite(vars, path(epoch, "vars.fd"));
    }

    void writeTpm(long epoch, byte[] tpm) {
        disk.overwrite(tpm, path(epoch, "tpm", "tpm2-00.permall"));
    }

    Commit.Done commit(long epoch) throws NvramException {
        Commit result = state().commit(epoch, LIMIT);
        assertThat(result).isInstanceOf(Commit.Done.class);
        return (Commit.Done) result;
    }

    /** Several whole runs, ids as the epochs. */
    Vm history(int epochs) throws NvramException {
        for (int epoch = 1; epoch <= epochs; epoch++) {
            run(epoch, epoch).commit(epoch);
        }
        return this;
    }

    List<String> names(String directory) {
        try (Directory root = disk.root();
                Directory uefivm = root.open("uefivm");
                Directory vm = uefivm.open(UID);
                Directory opened = vm.open(directory)) {
            return opened.names();
        } catch (PathException e) {
            throw new AssertionError(e);
        }
    }

    /** Name of the file of a generation. */
    String file(long generation) {
        return names("generations").stream()
                .filter(name -> name.startsWith(generation + "-"))
                .findFirst()
                .orElseThrow();
    }

    byte[] read(String... path) {
        try {
            Directory directory = disk.root();
            for (int i = 0; i < path.length - 1; i++) {
                directory = directory.open(path[i]);
            }
            return directory.read(path[path.length - 1], Integer.MAX_VALUE);
        } catch (PathException e) {
            throw new AssertionError(e);
        }
    }

    int varsId(long epoch) {
        return TestStore.id(read(path(epoch, "vars.fd")));
    }

    int tpmId(long epoch) {
        return TestStore.tpmId(read(path(epoch, "tpm", "tpm2-00.permall")));
    }

    static String[] path(long epoch, String... rest) {
        String[] path = new String[4 + rest.length];
        path[0] = "uefivm";
        path[1] = UID;
        path[2] = "epochs";
        path[3] = Long.toString(epoch);
        System.arraycopy(rest, 0, path, 4, rest.length);
        return path;
    }
}
