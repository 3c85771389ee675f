@NullMarked
package io.uefivm.agent.media;

import org.jspecify.annotations.NullMarked;
