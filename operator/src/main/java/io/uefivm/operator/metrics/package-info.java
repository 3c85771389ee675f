/** Figures of every VM and host for Prometheus, made from caches when they are asked for. */
@NullMarked
package io.uefivm.operator.metrics;

import org.jspecify.annotations.NullMarked;
