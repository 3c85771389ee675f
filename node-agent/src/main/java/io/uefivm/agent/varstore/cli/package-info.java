/**
 * The command line {@code nvram}: variable stores for people and for support. It is the only part of the library that
 * touches files.
 */
@NullMarked
package io.uefivm.agent.varstore.cli;

import org.jspecify.annotations.NullMarked;
