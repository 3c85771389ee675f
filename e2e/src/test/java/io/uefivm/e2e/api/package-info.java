/** The API as an API server enforces it. */
@NullMarked
package io.uefivm.e2e.api;

import org.jspecify.annotations.NullMarked;
