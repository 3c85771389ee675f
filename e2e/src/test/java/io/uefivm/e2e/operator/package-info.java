/** The operator in process against a real API server; the tests play everybody else. */
@NullMarked
package io.uefivm.e2e.operator;

import org.jspecify.annotations.NullMarked;
