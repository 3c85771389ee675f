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
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.api.v1alpha1.CorruptionPolicy;
import io.uefivm.e2e.controlplane.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What VMs keep in their claims, in each layout, beside the figures of the page that this product began with: 1,000 VMs with
 * Microsoft's keys, boot entries and a boot disk of their own and a TPM that swtpm made. In the layout Split each is started
 * and ended three times with another change by its guest, in Combined once.
 */
final class NvramAtRest implements Benchmark {
    private static final int VMS = 1000;
    private static final int RUNS = 3;
    private static final int TPMS = 10;
    private static final int HISTORY = 10;
    private static final int KIB = 1024;
    private static final Path CODE = Path.of("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd");
    /** Sizes are measured, not a disk: some forty syncs for each VM would take ten minutes on one. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private static final StoreCheck ANY = bytes -> new StoreCheck.Good(bytes, Optional.empty());

    @Override
    public String name() {
        return "nvram-at-rest";
    }

    @Override
    public List<Measurement> run(Settings settings, Progress progress) throws IOException, InterruptedException {
        List<byte[]> tpms = tpms(settings.work(), progress);
        byte[] code = Files.readAllBytes(CODE);
        VarStore enrolled = Enrolment.apply(EmptyStore.of(StoreSize.M4), KeyProfile.microsoft());
        List<Measurement> measured = new ArrayList<>();
        Path claims = Files.createTempDirectory(Files.isWritable(MEMORY) ? MEMORY : settings.work(), "uefivm-claims-");
        var onExit = new Thread(() -> Directories.delete(claims));
        Runtime.getRuntime().addShutdownHook(onExit);
        try {
            Taken split = measure(claims, enrolled, new byte[0], RUNS, tpms, progress);
            measured.addAll(taken("Split", RUNS, split));
            measured.addAll(generations(claims));
            Directories.delete(claims.resolve("uefivm"));
            measured.addAll(taken("Combined", 1, measure(claims, enrolled, code, 1, tpms, progress)));
        } finally {
            Directories.delete(claims);
            Runtime.getRuntime().removeShutdownHook(onExit);
        }
        measured.add(mebibytes(VMS + " VMs, Stateless, running or stopped: files of their own", 0));
        measured.add(mebibytes("code of each host, Split and Stateless", code.length));
        measured.add(mebibytes("the page: " + VMS + " VMs, 2 MB each in one image", VMS * 2048.0 * KIB));
        measured.add(
                mebibytes("the page: " + VMS + " VMs, 128 KB each and 1920 KB of code", (VMS * 128.0 + 1920) * KIB));
        measured.add(Measurement.of(name(), "the store itself, uncompressed", "bytes", enrolled.toBytes().length));
        return measured;
    }

    /** What the VMs of one layout take; {@code perVm} when they are stopped. */
    private record Taken(double running, List<Double> perVm) {}

    private static Taken measure(
            Path claims, VarStore enrolled, byte[] code, int runs, List<byte[]> tpms, Progress progress)
            throws IOException {
        double running;
        try {
            running = IntStream.range(0, VMS)
                    .parallel()
                    .mapToDouble(vm -> live(claims, enrolled, code, runs, tpms.get(vm % TPMS), new Random(vm)))
                    .sum();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        progress.say("%d VMs have run %d times and stopped", VMS, runs);
        List<Double> perVm = new ArrayList<>();
        try (Stream<Path> vms = Files.list(claims.resolve("uefivm"))) {
            for (Path vm : vms.toList()) {
                perVm.add(bytes(vm));
            }
        }
        return new Taken(running, perVm);
    }

    private List<Measurement> taken(String layout, int runs, Taken taken) {
        double all = taken.perVm().stream().mapToDouble(bytes -> bytes).sum();
        String stopped = layout + ", stopped, with " + (runs + 1) + " generations";
        return List.of(
                mebibytes(VMS + " VMs, " + layout + ", running: their claims", taken.running()),
                mebibytes(VMS + " VMs, " + stopped + ": their claims", all),
                Measurement.of(name(), "a VM, " + stopped, "bytes", taken.perVm()));
    }

    private Measurement mebibytes(String what, double bytes) {
        return Measurement.of(name(), what, "MiB", bytes / KIB / KIB);
    }

    private List<Measurement> generations(Path claims) throws IOException {
        List<Double> generations = new ArrayList<>();
        try (Stream<Path> files = Files.walk(claims)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".state")).toList()) {
                if (!file.toString().endsWith("1-0.state")) {
                    generations.add((double) Files.size(file));
                }
            }
        }
        return List.of(Measurement.of(name(), "a generation, with a TPM", "bytes", generations)
                .aim("4096"));
    }

    private static double bytes(Path directory) throws IOException {
        double all = 0;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all += Files.size(file);
            }
        }
        return all;
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

    /**
     * Runs a VM.
     *
     * @param code what its images have behind the variables
     * @return bytes in its claim while it runs for the last time
     */
    private static double live(Path claims, VarStore enrolled, byte[] code, int runs, byte[] tpm, Random random) {
        String uid = new UUID(random.nextLong(), random.nextLong()).toString();
        byte[] disk = new byte[16];
        random.nextBytes(disk);
        VarStore store = booted(enrolled, disk);
        try (Directory root = SafeDir.trusted(claims)) {
            var state = new NvramState(root, uid, ANY, Clock.systemUTC());
            var initial = new Initial(enrolled.toBytes(), "sha256:" + "0".repeat(64), code);
            double running = 0;
            var terms = new Terms(HISTORY, CorruptionPolicy.Refuse, Optional.empty());
            for (int epoch = 1; epoch <= runs; epoch++) {
                state.prepare(epoch, initial, StoreEdit.NONE, terms);
                state.markStarting(epoch);
                store = store.set(Variable.of(
                        VariableKey.global("BootCurrentRun"),
                        Attributes.BOOT_VARIABLE,
                        Bytes.copyOf(new byte[] {(byte) epoch, disk[0]})));
                Path files = claims.resolve("uefivm/" + uid + "/epochs/" + epoch);
                try (var image = FileChannel.open(files.resolve("vars.fd"), StandardOpenOption.WRITE)) {
                    image.write(ByteBuffer.wrap(store.toBytes()), 0);
                }
                Files.write(files.resolve("tpm/tpm2-00.permall"), tpm);
                running = bytes(claims.resolve("uefivm/" + uid));
                if (!(state.commit(epoch, HISTORY) instanceof Commit.Done)) {
                    throw new IllegalStateException("a run was not committed");
                }
            }
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NvramException e) {
            throw new UncheckedIOException(new IOException(e));
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
