/** A hypervisor in memory, for tests and for benchmarks of everything but libvirt. */
@NullMarked
package io.uefivm.agent.hypervisor.fake;

import org.jspecify.annotations.NullMarked;
