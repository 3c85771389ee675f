package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends domains that this host has and should not have: the VM was deleted, has a higher epoch, or was placed on another
 * node. The reconciler never hears of these, because it is told of the VMs of this node alone. Asks the API server,
 * not the agent's own cache, and does nothing when it does not answer: a host that is cut off keeps its guests running.
 */
public final class OrphanSweep {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanSweep.class);

    private final KubernetesClient client;
    private final String nodeName;
    private final Hypervisor hypervisor;
    private final Machines machines;
    private final EventRecorder events;

    public OrphanSweep(
            KubernetesClient client, String nodeName, Hypervisor hypervisor, Machines machines, EventRecorder events) {
        this.client = client;
        this.nodeName = nodeName;
        this.hypervisor = hypervisor;
        this.machines = machines;
        this.events = events;
    }

    /**
     * Looks at every domain and every leftover of this host. While all is in order that is one read of the API, or none
     * without domains.
     *
     * @throws HypervisorException when libvirt does not answer
     * @throws io.fabric8.kubernetes.client.KubernetesClientException when the API server does not answer
     */
    public synchronized void sweep() throws HypervisorException {
        List<RunningDomain> domains = hypervisor.domains();
        Map<String, UefiVirtualMachine> placed = domains.isEmpty() ? Map.of() : placedHere();
        for (RunningDomain domain : domains) {
            DomainOwner owner = domain.owner();
            UefiVirtualMachine here = placed.get(owner.vmUid());
            Optional<UefiVirtualMachine> vm = here == null ? lookUp(owner) : Optional.of(here);
            Optional<String> verdict = verdict(owner, vm);
            if (verdict.isPresent()) {
                LOG.warn("destroying orphan uid={} epoch={}: {}", owner.vmUid(), owner.epoch(), verdict.get());
                hypervisor.destroy(domain.uuid());
                machines.release(owner.vmUid(), Optional.empty());
                vm.ifPresent(v -> events.warning(
                        v,
                        Reason.StaleEpoch,
                        "Destroyed the domain of epoch " + owner.epoch() + " on " + nodeName + ": " + verdict.get()));
            }
        }
        releaseLeftovers();
    }

    /**
     * By UID, as the API server's cache has it: read from etcd instead, each sweep of each host would have all VMs of the
     * cluster decoded, which took a server with 5,000 of them 50 s. What is older than the truth is safe here: epochs only
     * grow, and what is missing is asked for by name.
     */
    private Map<String, UefiVirtualMachine> placedHere() {
        return client
                .resources(UefiVirtualMachine.class)
                .inAnyNamespace()
                .withField("status.nodeName", nodeName)
                .list(new ListOptionsBuilder().withResourceVersion("0").build())
                .getItems()
                .stream()
                .collect(Collectors.toMap(vm -> vm.getMetadata().getUid(), vm -> vm));
    }

    /** One that is not placed here: deleted, on another node, or without a node just now. */
    private Optional<UefiVirtualMachine> lookUp(DomainOwner owner) {
        return Optional.ofNullable(client.resources(UefiVirtualMachine.class)
                        .inNamespace(owner.namespace())
                        .withName(owner.name())
                        .get())
                .filter(vm -> owner.vmUid().equals(vm.getMetadata().getUid()));
    }

    private Optional<String> verdict(DomainOwner owner, Optional<UefiVirtualMachine> vm) {
        if (vm.isEmpty()) {
            return Optional.of("the VM does not exist any more");
        }
        var status = vm.get().getStatus();
        if (status == null || status.epoch() == null || status.epoch() < owner.epoch()) {
            // Status was lost, as after a restore of etcd; the epoch will be raised beyond this one or the VM deleted.
            return Optional.empty();
        }
        if (status.epoch() > owner.epoch()) {
            return Optional.of("epoch " + status.epoch() + " is valid");
        }
        return status.nodeName() != null && !nodeName.equals(status.nodeName())
                ? Optional.of("the VM is placed on " + status.nodeName())
                : Optional.empty();
    }

    /** What neither a domain nor a pod of this node needs. */
    private void releaseLeftovers() throws HypervisorException {
        Set<String> leftovers = new HashSet<>(machines.present());
        hypervisor.domains().forEach(domain -> leftovers.remove(domain.owner().vmUid()));
        if (leftovers.isEmpty()) {
            return;
        }
        client
                .pods()
                .inAnyNamespace()
                .withLabel(Api.LABEL_VM_UID)
                .withField("spec.nodeName", nodeName)
                .list()
                .getItems()
                .stream()
                .filter(pod -> nodeName.equals(pod.getSpec().getNodeName()))
                .forEach(pod -> leftovers.remove(pod.getMetadata().getLabels().get(Api.LABEL_VM_UID)));
        for (String uid : leftovers) {
            LOG.info("releasing leftovers uid={}", uid);
            machines.release(uid, Optional.empty());
        }
    }
}
