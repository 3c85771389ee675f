package io.uefivm.agent.vm;

import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.nvram.EpochPaths;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.agent.volume.Opened;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.agent.volume.StableBinds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the variable stores of running domains say. A store is read when it was written, not otherwise; a store that is
 * just being written is left for the next look.
 */
final class StoreObserver {
    private static final Logger LOG = LoggerFactory.getLogger(StoreObserver.class);
    /** More than any variable store. */
    private static final int MOST_BYTES = 16 << 20;

    private final AgentOptions options;
    private final StableBinds binds;
    private final StoreWatch watch;
    private final Map<String, Long> epochs = new ConcurrentHashMap<>();
    private final Map<String, StoreReport> reports = new ConcurrentHashMap<>();
    private volatile Consumer<String> listener = vmUid -> {};

    StoreObserver(AgentOptions options, StableBinds binds) {
        this.options = options;
        this.binds = binds;
        try {
            this.watch = new StoreWatch("vars.fd", StoreWatch.Pace.NORMAL, this::look);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Running variable stores cannot be watched; raise fs.inotify.max_user_instances on this host", e);
        }
    }

    /** Tells from now on the UID of a VM whose store says something new. */
    void onNews(Consumer<String> vmUid) {
        listener = vmUid;
    }

    /**
     * What the store of a running domain said last; reads it when it was not watched before, as after a restart of the
     * agent. Empty when it cannot be read.
     */
    Optional<StoreReport> of(String vmUid, long epoch) {
        Long before = epochs.get(vmUid);
        if (before == null || before != epoch || !watch.isWatching(vmUid)) {
            begin(vmUid, epoch);
        }
        return Optional.ofNullable(reports.get(vmUid));
    }

    /** The VM has no domain here any more. */
    void forget(String vmUid) {
        watch.forget(vmUid);
        epochs.remove(vmUid);
        reports.remove(vmUid);
    }

    private void begin(String vmUid, long epoch) {
        forget(vmUid);
        // QEMU writes the claim's file through a bind; inotify reports it in the directory where the file really is.
        try (SafeDir claim = binds.claim(vmUid).orElse(null)) {
            if (claim == null) {
                return;
            }
            List<String> vars = EpochPaths.of(vmUid, epoch).vars();
            try (Opened directory = claim.pin(vars.subList(0, vars.size() - 1)).requireDirectory()) {
                watch.watch(vmUid, Path.of(directory.procPath()));
            }
            epochs.put(vmUid, epoch);
            read(vmUid).ifPresent(report -> reports.put(vmUid, report));
        } catch (IOException e) {
            LOG.warn(
                    "the store of a running domain is not watched uid={} epoch={}: {}; is fs.inotify.max_user_watches"
                            + " large enough?",
                    vmUid,
                    epoch,
                    e.getMessage());
        }
    }

    private StoreWatch.Look look(String vmUid) {
        Optional<StoreReport> report = read(vmUid);
        if (report.isEmpty()) {
            return StoreWatch.Look.TORN;
        }
        StoreReport before = reports.put(vmUid, report.get());
        if (report.get().equals(before)) {
            return StoreWatch.Look.NOTHING;
        }
        listener.accept(vmUid);
        return StoreWatch.Look.NEWS;
    }

    /** Reads it twice: pages that were read before and after a write would make a store that never was. */
    private Optional<StoreReport> read(String vmUid) {
        try {
            byte[] vars = bytes(vmUid);
            return Arrays.equals(vars, bytes(vmUid))
                    ? Optional.of(StoreReport.of(VarStore.parseAbandoningPendingWrite(vars)))
                    : Optional.empty();
        } catch (IOException | VarstoreException e) {
            LOG.debug("the store of a running domain cannot be read now uid={}", vmUid, e);
            return Optional.empty();
        }
    }

    private byte[] bytes(String vmUid) throws IOException {
        try (var in = Files.newInputStream(options.vars(vmUid))) {
            return in.readNBytes(MOST_BYTES);
        }
    }
}
