/** What operator and node agent share at run time and that is no API type. */
@NullMarked
package io.uefivm.api.runtime;

import org.jspecify.annotations.NullMarked;
