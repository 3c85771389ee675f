@NullMarked
package io.uefivm.e2e.cluster;

import org.jspecify.annotations.NullMarked;
