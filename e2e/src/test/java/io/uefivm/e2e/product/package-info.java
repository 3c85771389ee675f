/** The product on real libvirt, QEMU, OVMF and swtpm: what a user would see. */
@NullMarked
package io.uefivm.e2e.product;

import org.jspecify.annotations.NullMarked;
