@NullMarked
package io.uefivm.e2e.controlplane;

import org.jspecify.annotations.NullMarked;
