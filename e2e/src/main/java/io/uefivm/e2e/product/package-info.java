/** The product's own programs, started as a cluster starts them: separate processes from their layout directories. */
@NullMarked
package io.uefivm.e2e.product;

import org.jspecify.annotations.NullMarked;
