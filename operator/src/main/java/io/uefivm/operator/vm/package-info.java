/**
 * The controller of UefiVirtualMachine: observe, plan, write status, act. Everything that decides is in {@link
 * io.uefivm.operator.vm.plan}; this package is its input and output.
 */
@NullMarked
package io.uefivm.operator.vm;

import org.jspecify.annotations.NullMarked;
