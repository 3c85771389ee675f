@NullMarked
package io.uefivm.operator.vm.model;

import org.jspecify.annotations.NullMarked;
