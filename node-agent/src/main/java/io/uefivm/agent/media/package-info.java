/** Media that the agent makes for guests: plain bytes from plain values. */
@NullMarked
package io.uefivm.agent.media;

import org.jspecify.annotations.NullMarked;
