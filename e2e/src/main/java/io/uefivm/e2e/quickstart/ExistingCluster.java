package io.uefivm.e2e.quickstart;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Duration;
import java.time.Instant;

/** Whether the quickstart may work in a cluster that was there before. */
final class ExistingCluster {
    /** kube-scheduler renews its Lease every two seconds and loses it after 15. */
    private static final Duration ALIVE = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final String namespace;

    ExistingCluster(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /**
     * Two schedulers would bind the same pods, and the stand-ins would answer for real nodes and claims.
     *
     * @throws QuickstartException when a scheduler is at work, or the VM or the claim of that name is there
     */
    void check(String vm, String claim, Instant now) {
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
        boolean defined = client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName(HasMetadata.getFullResourceName(UefiVirtualMachine.class))
                        .get()
                != null;
        if (defined
                && client.resources(UefiVirtualMachine.class)
                                .inNamespace(namespace)
                                .withName(vm)
                                .get()
                        != null) {
            throw isThere("VM", "uvm", vm);
        }
        if (client.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withName(claim)
                        .get()
                != null) {
            throw isThere("claim", "pvc", claim);
        }
    }

    private QuickstartException isThere(String what, String kind, String name) {
        return new QuickstartException("the %s %s/%s is there already; delete it first: kubectl -n %s delete %s %s"
                .formatted(what, namespace, name, namespace, kind, name));
    }
}
