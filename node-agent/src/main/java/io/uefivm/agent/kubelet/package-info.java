/**
 * What the agent has to do with kubelet beyond files: it offers PCI devices as a device plugin, so that Kubernetes counts
 * them once for the whole cluster, and asks which ones kubelet gave to a pod.
 */
@NullMarked
package io.uefivm.agent.kubelet;

import org.jspecify.annotations.NullMarked;
