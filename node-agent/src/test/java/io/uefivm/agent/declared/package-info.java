@NullMarked
package io.uefivm.agent.declared;

import org.jspecify.annotations.NullMarked;
