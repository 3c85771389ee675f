/** What this host can do, tried rather than believed, and told to Kubernetes. */
@NullMarked
package io.uefivm.agent.host;

import org.jspecify.annotations.NullMarked;
