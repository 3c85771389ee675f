/** The objects that the operator makes for a VM, as pure functions of what was seen. No client, no clock, no I/O. */
@NullMarked
package io.uefivm.operator.vm.pod;

import org.jspecify.annotations.NullMarked;
