/**
 * The Kubernetes API that the tests, the quickstart and the benchmarks run against: a real API server where its
 * binaries are at hand, an existing cluster, or a small one inside this process.
 */
@NullMarked
package io.uefivm.e2e.controlplane;

import org.jspecify.annotations.NullMarked;
