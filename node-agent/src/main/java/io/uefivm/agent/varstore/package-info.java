/**
 * EDK2 variable stores (OVMF VARS files, 2M and 4M layouts, authenticated format) as values: read, judged, changed,
 * written.
 *
 * <p>Everything here is pure: bytes in, bytes or views out; no file system, no clock. {@link
 * io.uefivm.agent.varstore.VarStore} is where to start.
 */
@NullMarked
package io.uefivm.agent.varstore;

import org.jspecify.annotations.NullMarked;
