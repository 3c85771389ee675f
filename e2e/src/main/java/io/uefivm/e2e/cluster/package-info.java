/**
 * What a cluster has beside its API server, reduced to what the operator and the agent rely on: a scheduler, a volume
 * binder, kubelets, and the controllers that watch over nodes. Each class says what it does as the real one does, and what
 * it leaves out.
 */
@NullMarked
package io.uefivm.e2e.cluster;

import org.jspecify.annotations.NullMarked;
