/** From a VM's spec and what its host resolved for it to libvirt domain XML; pure, one part per device family. */
@NullMarked
package io.uefivm.agent.domain;

import org.jspecify.annotations.NullMarked;
