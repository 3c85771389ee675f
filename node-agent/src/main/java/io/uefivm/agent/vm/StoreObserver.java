package io.uefivm.agent.vm;

import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.declared.Declaration.Verdict;
import io.uefivm.agent.nvram.EpochPaths;
import io.uefivm.agent.varstore.FlashImage;
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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
    private final Map<String, Subject> subjects = new ConcurrentHashMap<>();
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();
    private volatile Consumer<String> listener = vmUid -> {};

    /**
     * A store that is watched.
     *
     * @param epoch whose it is
     * @param generation of the spec that it is compared with
     * @param comparison with what that spec declares
     */
    record Subject(long epoch, @Nullable Long generation, Function<VarStore, Optional<Verdict>> comparison) {}

    /** What a store said last. The store itself is not kept: it would take half a MiB for each VM. */
    record Seen(StoreReport report, Optional<Verdict> verdict) {}

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
    Optional<Seen> of(String vmUid, Subject subject) {
        Subject before = subjects.get(vmUid);
        if (before == null || before.epoch() != subject.epoch() || !watch.isWatching(vmUid)) {
            begin(vmUid, subject);
        } else if (!Objects.equals(before.generation(), subject.generation())) {
            subjects.put(vmUid, subject);
            read(vmUid).ifPresent(now -> seen.put(vmUid, now));
        }
        return Optional.ofNullable(seen.get(vmUid));
    }

    /** The VM has no domain here any more. */
    void forget(String vmUid) {
        watch.forget(vmUid);
        subjects.remove(vmUid);
        seen.remove(vmUid);
    }

    private void begin(String vmUid, Subject subject) {
        forget(vmUid);
        // QEMU writes the claim's file through a bind; inotify reports it in the directory where the file really is.
        try (SafeDir claim = binds.claim(vmUid).orElse(null)) {
            if (claim == null) {
                return;
            }
            List<String> vars = EpochPaths.of(vmUid, subject.epoch()).vars();
            try (Opened directory = claim.pin(vars.subList(0, vars.size() - 1)).requireDirectory()) {
                watch.watch(vmUid, Path.of(directory.procPath()));
            }
            subjects.put(vmUid, subject);
            read(vmUid).ifPresent(now -> seen.put(vmUid, now));
        } catch (IOException e) {
            LOG.warn(
                    "the store of a running domain is not watched uid={} epoch={}: {}; is fs.inotify.max_user_watches"
                            + " large enough?",
                    vmUid,
                    subject.epoch(),
                    e.getMessage());
        }
    }

    private StoreWatch.Look look(String vmUid) {
        Optional<Seen> now = read(vmUid);
        if (now.isEmpty()) {
            return StoreWatch.Look.TORN;
        }
        Seen before = seen.put(vmUid, now.get());
        if (now.get().equals(before)) {
            return StoreWatch.Look.NOTHING;
        }
        listener.accept(vmUid);
        return StoreWatch.Look.NEWS;
    }

    /** Reads it twice: pages that were read before and after a write would make a store that never was. */
    private Optional<Seen> read(String vmUid) {
        try {
            byte[] vars = bytes(vmUid);
            return Arrays.equals(vars, bytes(vmUid))
                    ? Optional.of(seen(vmUid, VarStore.parseAbandoningPendingWrite(vars)))
                    : Optional.empty();
        } catch (IOException | VarstoreException e) {
            LOG.debug("the store of a running domain cannot be read now uid={}", vmUid, e);
            return Optional.empty();
        }
    }

    private Seen seen(String vmUid, VarStore store) {
        Subject subject = subjects.get(vmUid);
        return new Seen(
                StoreReport.of(store),
                subject == null ? Optional.empty() : subject.comparison().apply(store));
    }

    private byte[] bytes(String vmUid) throws IOException {
        try (var in = Files.newInputStream(options.vars(vmUid))) {
            return FlashImage.store(in.readNBytes(MOST_BYTES));
        }
    }
}
