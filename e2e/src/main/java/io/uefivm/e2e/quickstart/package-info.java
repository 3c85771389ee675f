/** The whole product in one command: brings it up, runs one VM, and tells what happens. */
@NullMarked
package io.uefivm.e2e.quickstart;

import org.jspecify.annotations.NullMarked;
