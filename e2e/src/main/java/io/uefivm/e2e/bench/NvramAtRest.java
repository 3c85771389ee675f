package io.uefivm.e2e.bench;

import io.uefivm.agent.nvram.Commit;
import io.uefivm.agent.nvram.Initial;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.agent.nvram.StoreCheck;
import io.uefivm.agent.nvram.StoreEdit;
import io.uefivm.agent.nvram.Terms;
import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.DevicePath;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.LoadOption;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.api.v1alpha1.CorruptionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a stopped VM keeps in its claim: 1,000 VMs with Microsoft's keys, boot entries and a boot disk of their own and a TPM that
 * swtpm made, each started and ended three times with another change by its guest.
 */
final class NvramAtRest implements Benchmark {
    private static final int VMS = 1000;
    private static final int RUNS = 3;
    private static final int TPMS = 10;
    private static final int HISTORY = 10;
    private static final StoreCheck ANY = bytes -> new StoreCheck.Good(bytes, Optional.empty());

    @Override
    public String name() {
        return "nvram-at-rest";
    }

    @Override
    public List<Measurement> run(Settings settings, Progress progress) throws IOException, InterruptedException {
        List<byte[]> tpms = tpms(settings.work(), progress);
        Path claims = Files.createDirectories(settings.work().resolve("claims"));
        VarStore enrolled = Enrolment.apply(EmptyStore.of(StoreSize.M4), KeyProfile.microsoft());
        Random random = new Random(1);
        for (int vm = 0; vm < VMS; vm++) {
            live(claims, enrolled, tpms.get(vm % TPMS), random);
        }
        progress.say("%d VMs have stopped", VMS);
        List<Double> generations = new ArrayList<>();
        List<Double> perVm = new ArrayList<>();
        try (Stream<Path> vms = Files.list(claims.resolve("uefivm"))) {
            for (Path vm : vms.toList()) {
                double all = 0;
                try (Stream<Path> files = Files.walk(vm)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        double size = Files.size(file);
                        all += size;
                        if (file.startsWith(vm.resolve("generations"))
                                && !file.toString().endsWith("1-0.state")) {
                            generations.add(size);
                        }
                    }
                }
                perVm.add(all);
            }
        }
        return List.of(
                Measurement.of(name(), "a generation, with a TPM", "bytes", generations)
                        .aim("4096"),
                Measurement.of(name(), "a stopped VM, with " + (RUNS + 1) + " generations", "bytes", perVm),
                Measurement.of(name(), "the store itself, uncompressed", "bytes", enrolled.toBytes().length));
    }

    /** States of new TPMs, as libvirt has them made. */
    private static List<byte[]> tpms(Path work, Progress progress) throws IOException, InterruptedException {
        progress.say("making %d TPMs", TPMS);
        List<byte[]> states = new ArrayList<>();
        for (int i = 0; i < TPMS; i++) {
            Path directory = Files.createDirectories(work.resolve("tpm-" + i));
            Process setup = new ProcessBuilder("swtpm_setup", "--tpm2", "--tpmstate", directory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (setup.waitFor() != 0) {
                throw new IOException("swtpm_setup failed");
            }
            states.add(Files.readAllBytes(directory.resolve("tpm2-00.permall")));
        }
        return states;
    }

    private static void live(Path claims, VarStore enrolled, byte[] tpm, Random random) throws IOException {
        String uid = new UUID(random.nextLong(), random.nextLong()).toString();
        byte[] disk = new byte[16];
        random.nextBytes(disk);
        VarStore store = booted(enrolled, disk);
        try (Directory root = SafeDir.trusted(claims)) {
            var state = new NvramState(root, uid, ANY, Clock.systemUTC());
            var initial = new Initial(enrolled.toBytes(), "sha256:" + "0".repeat(64));
            var terms = new Terms(HISTORY, CorruptionPolicy.Refuse, Optional.empty());
            for (int epoch = 1; epoch <= RUNS; epoch++) {
                state.prepare(epoch, initial, StoreEdit.NONE, terms);
                state.markStarting(epoch);
                store = store.set(Variable.of(
                        VariableKey.global("BootCurrentRun"),
                        Attributes.BOOT_VARIABLE,
                        Bytes.copyOf(new byte[] {(byte) epoch, disk[0]})));
                Path files = claims.resolve("uefivm/" + uid + "/epochs/" + epoch);
                Files.write(files.resolve("vars.fd"), store.toBytes());
                Files.write(files.resolve("tpm/tpm2-00.permall"), tpm);
                if (!(state.commit(epoch, HISTORY) instanceof Commit.Done)) {
                    throw new IllegalStateException("a run was not committed");
                }
            }
        } catch (PathException | NvramException e) {
            throw new IOException(e);
        }
    }

    /** With the entry that an installed guest makes: a file on a partition that is known by its GUID. */
    private static VarStore booted(VarStore store, byte[] partition) {
        Bytes path = Bytes.ofHex("04012a000100000000080000000000000000100000000000"
                + HexFormat.of().formatHex(partition)
                + "0202"
                + "040434005c004500460049005c00640065006200690061006e005c007300680069006d007800360034002e006500"
                + "66006900" + "0000" + "7fff0400");
        VarStore with = BootConfiguration.setEntry(
                store, 0, new LoadOption(1, "debian", DevicePath.parse(path), path, Bytes.EMPTY));
        return BootConfiguration.setOrder(with, List.of(0));
    }
}
