/**
 * What the Fabric8 mock server lacks to stand in for an API server: server-side apply, the other patch types,
 * selectors, graceful deletion, discovery. {@link io.uefivm.e2e.controlplane.embedded.EmbeddedApi} says exactly what
 * is simulated and what is not.
 */
@NullMarked
package io.uefivm.e2e.controlplane.embedded;

import org.jspecify.annotations.NullMarked;
