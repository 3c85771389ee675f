/**
 * The NVRAM and TPM state of one VM in its claim: its own files for every epoch, and the history of committed
 * generations. Knows files and their order; what is in a variable store it is told by a {@link
 * io.uefivm.agent.nvram.StoreCheck}.
 */
@NullMarked
package io.uefivm.agent.nvram;

import org.jspecify.annotations.NullMarked;
