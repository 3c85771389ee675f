@NullMarked
package io.uefivm.agent.volume;

import org.jspecify.annotations.NullMarked;
