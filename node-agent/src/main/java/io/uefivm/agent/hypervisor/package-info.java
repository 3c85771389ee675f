/** The boundary to libvirt: one interface, its real implementation and the only code that knows libvirt-java. */
@NullMarked
package io.uefivm.agent.hypervisor;

import org.jspecify.annotations.NullMarked;
