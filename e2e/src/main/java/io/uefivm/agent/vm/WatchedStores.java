package io.uefivm.agent.vm;

import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullMarked;

/** Many variable stores that are watched and read as the agent does it with those of running domains. */
@NullMarked
public final class WatchedStores implements Closeable {
    private static final String FILE = "vars.fd";
    private static final int STORE_4M = 540_672;
    /** A change of a variable is so many writes of QEMU's. */
    private static final int WRITES = 300;

    /** In the event log, which says nothing about variables. */
    private static final int SCRATCH = 0x40800;

    private final Path root;
    private final int count;
    private final AtomicLong looks = new AtomicLong();
    private final StoreWatch watch;

    private WatchedStores(Path root, int count) throws IOException {
        this.root = root;
        this.count = count;
        this.watch = new StoreWatch(FILE, StoreWatch.Pace.NORMAL, this::look);
    }

    /** Makes stores, one to a directory, and watches them. */
    public static WatchedStores start(Path root, int count) throws IOException {
        byte[] store = Enrolment.apply(EmptyStore.of(StoreSize.ofFileLength(STORE_4M)), KeyProfile.microsoft())
                .toBytes();
        var stores = new WatchedStores(root, count);
        for (int i = 0; i < count; i++) {
            String name = Integer.toString(i);
            Path directory = Files.createDirectories(root.resolve(name));
            Files.write(directory.resolve(FILE), store);
            stores.watch.watch(name, directory);
        }
        return stores;
    }

    private StoreWatch.Look look(String name) {
        try {
            byte[] vars = Files.readAllBytes(root.resolve(name).resolve(FILE));
            StoreReport.of(VarStore.parseAbandoningPendingWrite(vars));
            looks.incrementAndGet();
            return StoreWatch.Look.NEWS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes each store in place as QEMU does when its guest changes a variable. */
    public void changeEach() throws IOException {
        for (int i = 0; i < count; i++) {
            Path file = root.resolve(Integer.toString(i)).resolve(FILE);
            try (var opened = new RandomAccessFile(file.toFile(), "rw")) {
                for (int write = 0; write < WRITES; write++) {
                    opened.seek(SCRATCH);
                    opened.write(0xff);
                }
            }
        }
    }

    /** How often a store was read so far. */
    public long looks() {
        return looks.get();
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }
}
