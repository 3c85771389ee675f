@NullMarked
package io.uefivm.operator;

import org.jspecify.annotations.NullMarked;
