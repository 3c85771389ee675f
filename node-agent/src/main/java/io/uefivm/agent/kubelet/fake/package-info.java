/** Kubelet's side of its sockets, for tests and for clusters without kubelets. */
@NullMarked
package io.uefivm.agent.kubelet.fake;

import org.jspecify.annotations.NullMarked;
