/** UEFI firmware builds of a host: found by their descriptors, told apart by the digest of their code, chosen purely. */
@NullMarked
package io.uefivm.agent.firmware;

import org.jspecify.annotations.NullMarked;
