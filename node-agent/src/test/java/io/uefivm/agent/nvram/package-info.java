@NullMarked
package io.uefivm.agent.nvram;

import org.jspecify.annotations.NullMarked;
