/** What the documents say is what the code does. */
@NullMarked
package io.uefivm.e2e.docs;

import org.jspecify.annotations.NullMarked;
