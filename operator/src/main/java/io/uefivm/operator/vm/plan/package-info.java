/**
 * What to do next for a VM, as pure functions from what was seen and the time to a {@link
 * io.uefivm.operator.vm.plan.Plan}. No client, no clock, no I/O: the same sight gives the same plan after any restart.
 */
@NullMarked
package io.uefivm.operator.vm.plan;

import org.jspecify.annotations.NullMarked;
