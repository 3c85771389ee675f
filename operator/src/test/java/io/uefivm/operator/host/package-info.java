@NullMarked
package io.uefivm.operator.host;

import org.jspecify.annotations.NullMarked;
