package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Tells watches what changed. Keeps the newest events so that a watch can start at the resource version of a list; one
 * that wants to start earlier is told {@code 410 Gone} and lists again. All calls come from the server's one event loop.
 */
final class WatchHub {

    private static final int REMEMBERED = 10_000;

    /** One change: from {@code before} (null: created) to {@code after} (null: deleted). */
    private record Event(
            Kind kind,
            @Nullable ObjectNode before,
            @Nullable ObjectNode after,
            long version) {}

    /** What a watch wants to see, and as what it wants to see it. */
    record Filter(Kind kind, Predicate<JsonNode> selector, UnaryOperator<ObjectNode> rendering) {}

    private final Set<Watch> watches = new CopyOnWriteArraySet<>();
    private final Deque<Event> log = new ArrayDeque<>();
    private long forgotten;

    void publish(Kind kind, @Nullable ObjectNode before, @Nullable ObjectNode after, long version) {
        Event event = new Event(kind, before, after, version);
        log.addLast(event);
        if (log.size() > REMEMBERED) {
            forgotten = log.removeFirst().version();
        }
        watches.forEach(w -> w.tell(event));
    }

    /**
     * A watch that is served once its WebSocket is open.
     *
     * @param since resource version to start after; 0 to start with what {@code current} gives
     */
    WebSocketListener open(Filter filter, long since, Supplier<List<ObjectNode>> current) {
        return new Watch(filter, since, current);
    }

    void close() {
        watches.forEach(Watch::end);
    }

    private final class Watch extends WebSocketListener {
        private final Filter filter;
        private final long since;
        private final Supplier<List<ObjectNode>> current;
        private @Nullable WebSocket socket;

        Watch(Filter filter, long since, Supplier<List<ObjectNode>> current) {
            this.filter = filter;
            this.since = since;
            this.current = current;
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            socket = webSocket;
            if (since == 0) {
                current.get().forEach(object -> send("ADDED", object));
            } else if (since < forgotten) {
                ApiFailure gone = new ApiFailure(
                        410, "Expired", "too old resource version: %d (%d)".formatted(since, forgotten), List.of());
                webSocket.send(Json.write(event("ERROR", gone.toStatus())));
            } else {
                log.stream().filter(e -> e.version() > since).forEach(this::tell);
            }
            watches.add(this);
        }

        @Override
        public void onClosed(WebSocket webSocket, int code, String reason) {
            watches.remove(this);
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
            watches.remove(this);
        }

        void end() {
            if (socket != null) {
                socket.close(1000, "the server is shutting down");
            }
        }

        void tell(Event event) {
            // By plural: the CRD may have been applied again since the watch began.
            if (!event.kind().is(filter.kind().group(), filter.kind().plural())) {
                return;
            }
            ObjectNode before =
                    event.before() != null && filter.selector().test(event.before()) ? event.before() : null;
            ObjectNode after = event.after() != null && filter.selector().test(event.after()) ? event.after() : null;
            if (after != null) {
                send(before == null ? "ADDED" : "MODIFIED", after);
            } else if (before != null) {
                ObjectNode last = before.deepCopy();
                Json.metadata(last).put("resourceVersion", Long.toString(event.version()));
                send("DELETED", last);
            }
        }

        private void send(String type, ObjectNode object) {
            if (socket != null) {
                socket.send(Json.write(event(type, filter.rendering().apply(object))));
            }
        }

        private static ObjectNode event(String type, ObjectNode object) {
            ObjectNode event = Json.object().put("type", type);
            event.set("object", object);
            return event;
        }
    }
}
