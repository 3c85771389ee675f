/** Where in the host's tree of control groups a domain runs: in its pod's, wherever kubelet and libvirt agree on names. */
@NullMarked
package io.uefivm.agent.cgroup;

import org.jspecify.annotations.NullMarked;
