/** The node agent: one process per KVM host. */
@NullMarked
package io.uefivm.agent;

import org.jspecify.annotations.NullMarked;
