/** The node agent in process, with a host on paper; the tests play everybody else. */
@NullMarked
package io.uefivm.e2e.agent;

import org.jspecify.annotations.NullMarked;
