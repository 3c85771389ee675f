/** Real KVM hosts on one machine: libvirt, QEMU, OVMF and swtpm in namespaces, and a guest from signed packages. */
@NullMarked
package io.uefivm.e2e.lab;

import org.jspecify.annotations.NullMarked;
