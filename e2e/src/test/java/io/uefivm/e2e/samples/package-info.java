/** Every manifest in {@code samples/} is what the API accepts. */
@NullMarked
package io.uefivm.e2e.samples;

import org.jspecify.annotations.NullMarked;
