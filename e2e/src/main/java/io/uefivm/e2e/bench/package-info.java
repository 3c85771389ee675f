/** Benchmarks of the whole product: what they measure is said by each, and nothing here passes or fails by time. */
@NullMarked
package io.uefivm.e2e.bench;

import org.jspecify.annotations.NullMarked;
