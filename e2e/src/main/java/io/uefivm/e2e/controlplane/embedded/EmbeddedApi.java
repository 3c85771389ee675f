package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.crud.AttributeSet;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Fabric8 mock server's CRUD dispatcher, made to answer as an API server does wherever the operator, the agent, the
 * stand-ins of {@code io.uefivm.e2e.cluster} or {@code kubectl} rely on it. The stock dispatcher keeps the objects and
 * the CRDs; requests are served here.
 *
 * <p>Simulated, and compared with a real API server by the tests of this package:
 *
 * <ul>
 *   <li>server-side apply with {@code managedFields}, list-maps, sets, removal of fields applied no more, conflicts and
 *       {@code force}, on the object and on {@code /status}; a {@code resourceVersion} in the body is a lock; what
 *       changes nothing is not a write: no new resource version, no watch event;
 *   <li>JSON, merge and strategic merge patches, PUT, dry run, {@code generateName}, optimistic locks, finalizers (the
 *       request that removes the last one is answered with the object), {@code metadata.generation};
 *   <li>{@code status} apart from the rest, for built-in kinds too;
 *   <li>label selectors, field selectors on what the real server offers for the kind ({@code selectableFields} of a
 *       CRD), refused with 400 for anything else; in watches too, an object that begins or ceases to match being added
 *       or deleted; watches from a resource version on, and 410 when it is too old;
 *   <li>graceful deletion of pods: a pod on a node stays, with {@code deletionTimestamp}, until it is deleted with
 *       grace period 0; preconditions; {@code pods/binding} and {@code pods/eviction} (which asks no disruption budget);
 *   <li>garbage collection by owner references in the background, emptying of deleted namespaces;
 *   <li>CRDs: defaults of the schema, served versions, {@code Established}, printer columns as server-side tables;
 *   <li>defaults of pods and claims as far as they are used, {@code Pending} as their first phase;
 *   <li>events of {@code events.k8s.io/v1} in lists of {@code v1};
 *   <li>discovery and tables for {@code kubectl get, apply, apply --server-side, diff, delete, patch, label, wait, explain}.
 * </ul>
 *
 * <p>Not simulated: validation of any kind (schemas, CEL, names, immutable fields, pruning of unknown fields),
 * authentication, authorization and admission, pagination, bookmarks, conversion between versions, foreground deletion,
 * {@code pvc-protection}, quotas. Tests of those need a real API server.
 *
 * <p>All requests are served on the mock server's single event loop, one after the other.
 */
public class EmbeddedApi extends KubernetesCrudDispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedApi.class);

    private final Kinds kinds = new Kinds();
    private final WatchHub hub = new WatchHub();
    private final Writes writes = new Writes(this);
    private final Deletion deletion = new Deletion(this);
    private final Discovery discovery = new Discovery(kinds);
    private long newest;

    /** Begins with the namespaces of a fresh cluster. */
    public EmbeddedApi() {
        for (String namespace : List.of("default", "kube-system", "kube-public", "kube-node-lease")) {
            Kind kind = kinds.find("", "v1", "namespaces").orElseThrow();
            ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", "Namespace");
            Json.metadata(object).put("name", namespace);
            writes.insert(kind, object);
        }
    }

    @Override
    public MockResponse dispatch(RecordedRequest request) {
        try {
            Optional<ApiRequest> parsed = ApiRequest.parse(request, kinds);
            return parsed.isPresent() ? serve(parsed.get()) : discovery.answer(request);
        } catch (ApiFailure failure) {
            return json(failure.code(), failure.toStatus());
        } catch (RuntimeException bug) {
            LOG.error("{} failed", request.getRequestLine(), bug);
            return json(500, new ApiFailure(500, "InternalError", bug.toString(), List.of()).toStatus());
        }
    }

    private MockResponse serve(ApiRequest request) {
        return switch (request.method()) {
            case GET -> read(request);
            case POST -> json(201, post(request));
            case PUT -> json(200, writes.replace(request));
            case PATCH -> writes.patch(request);
            case DELETE -> json(200, deletion.delete(request));
            default -> throw new ApiFailure(405, "MethodNotAllowed", request.method() + " is not supported", List.of());
        };
    }

    private ObjectNode post(ApiRequest request) {
        return switch (request.subresource()) {
            case "" -> writes.create(request);
            case "binding" -> writes.bind(request);
            case "eviction" -> deletion.evict(request);
            default -> throw ApiFailure.unknownResource();
        };
    }

    private MockResponse read(ApiRequest request) {
        Predicate<JsonNode> selector = Selectors.labels(request.query().getOrDefault("labelSelector", ""))
                .and(Selectors.fields(request.query().getOrDefault("fieldSelector", ""), request.kind()));
        if (!request.isCollection()) {
            selector = selector.and(o -> Json.name(o).equals(request.name()));
        }
        if (request.isWatch()) {
            return watch(request, selector);
        }
        boolean table = request.wantsTable() && Table.isFor(request.kind());
        if (request.isCollection()) {
            List<ObjectNode> found = listed(request).stream().filter(selector).toList();
            return json(
                    200,
                    table ? Table.of(request.kind(), found, Long.toString(newest)) : listOf(request.kind(), found));
        }
        ObjectNode object = get(request.kind(), request.namespace(), request.name());
        return json(200, table ? Table.of(request.kind(), List.of(object), Json.resourceVersion(object)) : object);
    }

    private List<ObjectNode> listed(ApiRequest request) {
        List<ObjectNode> found = new ArrayList<>(list(request.kind(), request.namespace()));
        if (request.kind().is("", "events")) {
            Kind newer = kinds.find("events.k8s.io", "v1", "events").orElseThrow();
            list(newer, request.namespace()).stream().map(CoreEvents::of).forEach(found::add);
        }
        return found;
    }

    private MockResponse watch(ApiRequest request, Predicate<JsonNode> selector) {
        @Nullable String namespace = request.namespace();
        Predicate<JsonNode> inside = namespace == null
                ? selector
                : selector.and(o -> Json.namespace(o).equals(namespace));
        UnaryOperator<ObjectNode> rendering = request.wantsTable() && Table.isFor(request.kind())
                ? o -> Table.of(request.kind(), List.of(o), Json.resourceVersion(o))
                : UnaryOperator.identity();
        String since = request.query().getOrDefault("resourceVersion", "");
        return new MockResponse()
                .withWebSocketUpgrade(hub.open(
                        new WatchHub.Filter(request.kind(), inside, rendering),
                        since.isEmpty() ? 0 : Long.parseLong(since),
                        () -> list(request.kind(), namespace).stream()
                                .filter(inside)
                                .toList()));
    }

    private ObjectNode listOf(Kind kind, List<ObjectNode> objects) {
        ObjectNode list = Json.object().put("kind", kind.kind() + "List").put("apiVersion", kind.groupVersion());
        Json.metadata(list).put("resourceVersion", Long.toString(newest));
        list.putArray("items").addAll(objects);
        return list;
    }

    @Override
    public void shutdown() {
        hub.close();
    }

    @Override
    public long requestResourceVersion() {
        newest = super.requestResourceVersion();
        return newest;
    }

    Kinds kinds() {
        return kinds;
    }

    Deletion deletion() {
        return deletion;
    }

    /** @throws ApiFailure 404 */
    ObjectNode get(Kind kind, @Nullable String namespace, String name) {
        return find(kind, namespace, name).orElseThrow(() -> ApiFailure.notFound(kind, name));
    }

    Optional<ObjectNode> find(Kind kind, @Nullable String namespace, String name) {
        return matching(kind, kind.path(namespace, name)).stream().findFirst();
    }

    /** The objects of the kind, of all namespaces when {@code namespace} is null, in the order of their creation. */
    List<ObjectNode> list(Kind kind, @Nullable String namespace) {
        return matching(kind, kind.collectionPath(namespace));
    }

    private List<ObjectNode> matching(Kind kind, String path) {
        AttributeSet query = getKey(path);
        // A path of the core group carries no group attribute, so other groups would match it too.
        return getMap().entrySet().stream()
                .filter(e -> e.getKey().matches(query))
                .map(e -> Json.readObject(e.getValue()))
                .filter(o -> o.path("apiVersion").asText().equals(kind.groupVersion()))
                .toList();
    }

    /**
     * Stores the object under a new resource version, which it also writes into it, and tells the watches.
     *
     * @param before what was there, null when the object is new
     */
    void store(Kind kind, @Nullable ObjectNode before, ObjectNode after) {
        long version = requestResourceVersion();
        Json.metadata(after).put("resourceVersion", Long.toString(version));
        replaceInMap(kind, after, Json.write(after));
        if (kind.is("apiextensions.k8s.io", "customresourcedefinitions")) {
            kinds.define(after);
        }
        hub.publish(kind, before, after, version);
    }

    void remove(Kind kind, ObjectNode object) {
        long version = requestResourceVersion();
        replaceInMap(kind, object, null);
        if (kind.is("apiextensions.k8s.io", "customresourcedefinitions")) {
            kinds.undefine(object);
        }
        hub.publish(kind, object, null, version);
    }

    private void replaceInMap(Kind kind, ObjectNode object, @Nullable String state) {
        String path = kind.path(kind.namespaced() ? Json.namespace(object) : null, Json.name(object));
        AttributeSet key = getKey(path);
        AttributeSet old = getMap().entrySet().stream()
                .filter(e -> e.getKey().matches(key))
                .filter(e -> Json.uid(Json.readObject(e.getValue())).equals(Json.uid(object)))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
        processEvent(path, key, old, null, state);
    }

    static MockResponse json(int code, JsonNode body) {
        return new MockResponse()
                .setResponseCode(code)
                .setHeader("Content-Type", "application/json")
                .setBody(Json.write(body));
    }
}
