package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A request that the API refuses, as the {@code Status} object that clients get for it. */
final class ApiFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** One entry of {@code status.details.causes}. */
    record Cause(String reason, String message, String field) {}

    private final int code;
    private final String reason;
    private final transient List<Cause> causes;

    ApiFailure(int code, String reason, String message, List<Cause> causes) {
        super(message);
        this.code = code;
        this.reason = reason;
        this.causes = List.copyOf(causes);
    }

    static ApiFailure badRequest(String message) {
        return new ApiFailure(400, "BadRequest", message, List.of());
    }

    static ApiFailure notFound(Kind kind, String name) {
        return new ApiFailure(404, "NotFound", "%s \"%s\" not found".formatted(kind.groupResource(), name), List.of());
    }

    static ApiFailure unknownResource() {
        return new ApiFailure(404, "NotFound", "the server could not find the requested resource", List.of());
    }

    static ApiFailure alreadyExists(Kind kind, String name) {
        return new ApiFailure(
                409, "AlreadyExists", "%s \"%s\" already exists".formatted(kind.groupResource(), name), List.of());
    }

    static ApiFailure conflict(Kind kind, String name, String why) {
        return new ApiFailure(
                409,
                "Conflict",
                "Operation cannot be fulfilled on %s \"%s\": %s".formatted(kind.groupResource(), name, why),
                List.of());
    }

    /** The object on which an optimistic lock was taken has changed since. */
    static ApiFailure modified(Kind kind, String name) {
        return conflict(
                kind,
                name,
                "the object has been modified; please apply your changes to the latest version and try again");
    }

    static ApiFailure invalid(Kind kind, String name, List<Cause> causes) {
        String all = String.join(
                ", ", causes.stream().map(c -> c.field() + ": " + c.message()).toList());
        return new ApiFailure(
                422, "Invalid", "%s \"%s\" is invalid: %s".formatted(kind.qualifiedKind(), name, all), causes);
    }

    int code() {
        return code;
    }

    ObjectNode toStatus() {
        ObjectNode status = Json.object();
        status.put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Failure")
                .put("message", getMessage())
                .put("reason", reason)
                .put("code", code);
        if (!causes.isEmpty()) {
            var list = status.putObject("details").putArray("causes");
            causes.forEach(c -> list.addObject()
                    .put("reason", c.reason())
                    .put("message", c.message())
                    .put("field", c.field()));
        }
        return status;
    }
}
