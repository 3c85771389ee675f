/** The controller of UefiHost and of the Node labels that follow from it. */
@NullMarked
package io.uefivm.operator.host;

import org.jspecify.annotations.NullMarked;
