/**
 * PCI devices of this host: what sysfs shows of them, what the host itself does with them, and which of them a VM can
 * have. Readers only read; drivers are taken and given back by libvirt.
 */
@NullMarked
package io.uefivm.agent.pci;

import org.jspecify.annotations.NullMarked;
