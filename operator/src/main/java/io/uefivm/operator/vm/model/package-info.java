/** What the operator sees of a VM and of what it depends on: records read from objects, nothing more. */
@NullMarked
package io.uefivm.operator.vm.model;

import org.jspecify.annotations.NullMarked;
