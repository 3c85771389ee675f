package io.uefivm.agent.vm;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the file of a directory was written and has come to rest, with one inotify instance and one thread for all
 * of them. Nothing is read and nothing wakes up while nothing is written. A change of one variable is hundreds of
 * writes; while they go on, only the clock is looked at.
 */
final class StoreWatch implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);

    /** What became of a look at the file. */
    enum Look {
        /** It says something new. */
        NEWS,
        /** It says what it said before. */
        NOTHING,
        /** It was being written: to be looked at again. */
        TORN
    }

    /**
     * Time limits.
     *
     * @param rest how long nothing must have been written
     * @param most after which time it is looked at even though it is written without a pause
     * @param apart the least time between two looks that found something new
     */
    record Pace(Duration rest, Duration most, Duration apart) {
        static final Pace NORMAL = new Pace(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    /** A guest that stopped within a write leaves it torn: the next write tells, not the clock. */
    private static final int MOST_TORN = 5;

    private final String file;
    private final Pace pace;
    private final Function<String, Look> look;
    private final WatchService service;
    private final Map<String, WatchKey> keys = new ConcurrentHashMap<>();
    private final Map<WatchKey, Watched> watched = new ConcurrentHashMap<>();

    /** What the thread alone knows of a directory. */
    private static final class Watched {
        private final String name;
        private long notBefore = System.nanoTime();
        private long due;
        private long latest;
        private int torn;

        private Watched(String name) {
            this.name = name;
        }
    }

    /**
     * Starts with nothing to watch.
     *
     * @param file name of the file in each directory
     * @param look called with the name that a directory was given, by the one thread
     * @throws IOException when there is no inotify instance left
     */
    StoreWatch(String file, Pace pace, Function<String, Look> look) throws IOException {
        this.file = file;
        this.pace = pace;
        this.look = look;
        this.service = FileSystems.getDefault().newWatchService();
        Thread thread = new Thread(this::run, "store-watch");
        thread.setDaemon(true);
        thread.start();
    }

    boolean isWatching(String name) {
        return keys.containsKey(name);
    }

    /**
     * Watches a directory from now on, instead of the one that had this name before. What was written earlier is not
     * told.
     */
    void watch(String name, Path directory) throws IOException {
        forget(name);
        WatchKey key = directory.register(service, StandardWatchEventKinds.ENTRY_MODIFY);
        watched.put(key, new Watched(name));
        keys.put(name, key);
    }

    /** Watches it no longer; nothing if it was not watched. */
    void forget(String name) {
        WatchKey key = keys.remove(name);
        if (key != null) {
            watched.remove(key);
            key.cancel();
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }

    private void run() {
        // A key that is in here is not reset: its events gather without waking this thread.
        Map<WatchKey, Watched> pending = new HashMap<>();
        try {
            while (true) {
                WatchKey key = next(pending);
                if (key != null) {
                    begin(key, pending);
                }
                pending.entrySet()
                        .removeIf(e -> e.getValue().due - System.nanoTime() <= 0 && settle(e.getKey(), e.getValue()));
            }
        } catch (ClosedWatchServiceException e) {
            LOG.debug("no store is watched any more");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable WatchKey next(Map<WatchKey, Watched> pending) throws InterruptedException {
        if (pending.isEmpty()) {
            return service.take();
        }
        long now = System.nanoTime();
        long wait = pending.values().stream().mapToLong(w -> w.due - now).min().orElse(0);
        return service.poll(Math.max(0, wait), TimeUnit.NANOSECONDS);
    }

    private void begin(WatchKey key, Map<WatchKey, Watched> pending) {
        Watched one = watched.get(key);
        if (one == null) {
            key.cancel();
        } else if (wasWritten(key)) {
            long now = System.nanoTime();
            long earliest = Math.max(0, one.notBefore - now);
            one.due = now + Math.max(pace.rest().toNanos(), earliest);
            one.latest = now + Math.max(pace.most().toNanos(), earliest);
            one.torn = 0;
            pending.put(key, one);
        } else {
            reset(key, one);
        }
    }

    /** Overflow means that so much was written that the kernel did not keep count. */
    private boolean wasWritten(WatchKey key) {
        boolean written = false;
        for (WatchEvent<?> event : key.pollEvents()) {
            written |= event.kind() == StandardWatchEventKinds.OVERFLOW
                    || (event.context() instanceof Path name && name.toString().equals(file));
        }
        return written;
    }

    /** @return whether it is dealt with */
    private boolean settle(WatchKey key, Watched one) {
        long now = System.nanoTime();
        if (wasWritten(key) && now - one.latest < 0) {
            one.due = now + pace.rest().toNanos();
            return false;
        }
        if (watched.get(key) != one) {
            return true;
        }
        Look found = look.apply(one.name);
        if (found == Look.TORN && ++one.torn < MOST_TORN) {
            one.due = now + pace.rest().toNanos();
            return false;
        }
        if (found == Look.NEWS) {
            one.notBefore = now + pace.apart().toNanos();
        }
        reset(key, one);
        return true;
    }

    private void reset(WatchKey key, Watched one) {
        if (!key.reset()) {
            // The directory is gone; whoever still needs it watched asks again.
            watched.remove(key);
            keys.remove(one.name, key);
        }
    }
}
