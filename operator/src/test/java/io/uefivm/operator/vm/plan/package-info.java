@NullMarked
package io.uefivm.operator.vm.plan;

import org.jspecify.annotations.NullMarked;
