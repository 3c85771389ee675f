/** The operator's process: options, lifecycle, health and metrics. */
@NullMarked
package io.uefivm.operator;

import org.jspecify.annotations.NullMarked;
