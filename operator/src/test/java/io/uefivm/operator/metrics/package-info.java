@NullMarked
package io.uefivm.operator.metrics;

import org.jspecify.annotations.NullMarked;
