@NullMarked
package io.uefivm.e2e.lab;

import org.jspecify.annotations.NullMarked;
