@NullMarked
package io.uefivm.operator.vm.pod;

import org.jspecify.annotations.NullMarked;
