package io.uefivm.e2e.controlplane;

/**
 * One request that could change something, as the server answered it.
 *
 * @param verb {@code create, update, patch, apply, delete} or {@code deletecollection}
 * @param resource plural and group as in {@code uefivirtualmachines.uefivm.io}; {@code pods} in the core group
 * @param subresource such as {@code status}; empty for the object itself
 * @param namespace empty for cluster-scoped objects
 * @param name empty for a create and for a whole collection
 * @param manager the field manager that the client named, else the first word of its user agent
 * @param code HTTP status of the answer, such as 200, or 409 for a refused one
 */
public record ApiWrite(
        String verb,
        String resource,
        String subresource,
        String namespace,
        String name,
        String manager,
        String userAgent,
        int code) {

    /** Whether the server accepted it; it may still have changed nothing. */
    public boolean accepted() {
        return code >= 200 && code < 300;
    }

    /** {@code uefivirtualmachines.uefivm.io/status}, {@code pods}. */
    public String target() {
        return subresource.isEmpty() ? resource : resource + "/" + subresource;
    }
}
