package io.uefivm.e2e.quickstart;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** A cluster that was there before: whether the quickstart may work in it, and what to take away again. */
final class ExistingCluster {
    /** kube-scheduler renews its Lease every two seconds and loses it after 15. */
    private static final Duration ALIVE = Duration.ofMinutes(1);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final KubernetesClient client;
    private final String namespace;

    ExistingCluster(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /**
     * Two schedulers would bind the same pods, and the stand-ins would answer for real nodes and claims.
     *
     * @throws QuickstartException when a scheduler is at work, or a VM of that name is there
     */
    void check(String vm, Instant now) {
        Lease scheduler = client.leases()
                .inNamespace("kube-system")
                .withName("kube-scheduler")
                .get();
        if (scheduler != null
                && scheduler.getSpec() != null
                && scheduler.getSpec().getRenewTime() != null
                && scheduler.getSpec().getRenewTime().toInstant().isAfter(now.minus(ALIVE))) {
            throw new QuickstartException(
                    "this cluster has a kube-scheduler at work (Lease kube-system/kube-scheduler), and the quickstart's own"
                            + " stand-ins for scheduler, kubelet and volume binder would be in its way."
                            + " Install the chart in it: helm install uefivm helm/uefivm -n uefivm-system --create-namespace");
        }
        var vms = client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName("uefivirtualmachines.uefivm.io")
                        .get()
                != null;
        if (vms
                && client.resources(UefiVirtualMachine.class)
                                .inNamespace(namespace)
                                .withName(vm)
                                .get()
                        != null) {
            throw new QuickstartException("the VM %s/%s is there already; delete it first: kubectl -n %s delete uvm %s"
                    .formatted(namespace, vm, namespace, vm));
        }
    }

    /** Deletes the VM while the operator and the agent still run; its NVRAM claim follows by its reclaim policy. */
    void deleteVm(String vm, String claim) {
        var resource = client.resources(UefiVirtualMachine.class)
                .inNamespace(namespace)
                .withName(vm);
        resource.delete();
        resource.waitUntilCondition(gone -> gone == null, PATIENCE.toSeconds(), TimeUnit.SECONDS);
        client.persistentVolumeClaims().inNamespace(namespace).withName(claim).delete();
    }

    /** Deletes the Node, once its kubelet and its agent have ended. */
    void deleteNode(String node) {
        client.resources(UefiHost.class).withName(node).delete();
        client.nodes().withName(node).delete();
    }
}
