/**
 * The volumes of a VM pod as the host sees them, opened without following links and bound to paths that the agent owns.
 * Whoever can write to a claim can plant anything in it; nothing here opens what it did not mean to.
 */
@NullMarked
package io.uefivm.agent.volume;

import org.jspecify.annotations.NullMarked;
