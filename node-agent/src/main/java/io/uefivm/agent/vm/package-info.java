/** One VM on this host: what to do next (pure), and doing it. */
@NullMarked
package io.uefivm.agent.vm;

import org.jspecify.annotations.NullMarked;
