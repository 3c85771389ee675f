package io.uefivm.e2e.quickstart;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.cluster.StandInStorageClass;
import io.uefivm.e2e.product.Programs;
import io.uefivm.operator.vm.pod.NvramClaim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * What the quickstart makes in a cluster that was there before, to take it away again: all that it made and nothing else.
 * Events are left; they go by themselves after an hour.
 */
final class Traces {
    /** For a guest that nobody needs any more; one that is still in its firmware does not react to the power button. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** For objects whose end waits for nobody but the API server. */
    private static final Duration DELETION = Duration.ofSeconds(30);

    private static final String VMS = HasMetadata.getFullResourceName(UefiVirtualMachine.class);
    private static final String HOSTS = HasMetadata.getFullResourceName(UefiHost.class);

    private record Trace(String name, Resource<? extends HasMetadata> object) {
        boolean isThere() {
            return object.get() != null;
        }

        /** A namespace is let go by its controller, which an API server alone has not. */
        boolean isLeft() {
            HasMetadata there = object.get();
            return there != null && !(there instanceof Namespace && there.isMarkedForDeletion());
        }
    }

    private final KubernetesClient client;
    private final String namespace;
    private final String vm;
    private final String claim;
    /** What several may share, as far as it was not there before. */
    private final List<Trace> shared;
    /** UIDs of the VM's claims, for their volumes. */
    private final Set<String> claims = new HashSet<>();

    /** To be called before anything is made in the cluster. */
    Traces(KubernetesClient client, String namespace, String vm, String claim) {
        this.client = client;
        this.namespace = namespace;
        this.vm = vm;
        this.claim = claim;
        var all = new ArrayList<Trace>();
        for (StandInStorageClass type : StandInStorageClass.values()) {
            all.add(new Trace(
                    "storageclass " + type.label(),
                    client.storage().v1().storageClasses().withName(type.label())));
        }
        all.add(definition(VMS));
        all.add(definition(HOSTS));
        all.add(systemNamespace());
        all.removeIf(Trace::isThere);
        this.shared = List.copyOf(all);
    }

    /**
     * Deletes the VM and its disk while operator, agent and volume binder still run, and waits until its claims and volumes
     * are gone too.
     *
     * @throws QuickstartException when they are not gone in about two minutes
     */
    void deleteVm() {
        if (!definition(VMS).isThere()) {
            return;
        }
        UefiVirtualMachine there = vm().get();
        Stream.of(
                        claim,
                        there == null ? "" : NvramClaim.name(there.getMetadata().getUid()))
                .filter(name -> !name.isEmpty())
                .map(name -> claim(name).object().get())
                .filter(Objects::nonNull)
                .forEach(found -> claims.add(found.getMetadata().getUid()));
        if (there != null) {
            vm().patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\":{\"terminationGracePeriodSeconds\":%d}}".formatted(GRACE.toSeconds()));
            vm().delete();
            if (!happens(GRACE.plus(PATIENCE), () -> vm().get() == null)) {
                throw new QuickstartException("VM %s/%s is being deleted, but not gone after %d s"
                        .formatted(namespace, vm, GRACE.plus(PATIENCE).toSeconds()));
            }
        }
        claim(claim).object().delete();
        if (!happens(PATIENCE, () -> !claim(claim).isThere() && volumes().isEmpty())) {
            throw new QuickstartException(
                    "the volumes of VM %s/%s are not gone after %d s".formatted(namespace, vm, PATIENCE.toSeconds()));
        }
    }

    private static boolean happens(Duration patience, BooleanSupplier end) {
        try {
            Awaitility.await()
                    .atMost(patience)
                    .pollInterval(Duration.ofMillis(200))
                    .until(end::getAsBoolean);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    /**
     * Takes away the rest, once operator, agent and stand-ins have ended. The definitions and the namespace stay when they
     * are in use by now: VMs of others would go with them.
     *
     * @return what is left although it should not be, for people
     */
    List<String> leave() {
        var all = new ArrayList<Trace>();
        all.add(claim(claim));
        volumes()
                .forEach(volume -> all.add(new Trace(
                        "persistentvolume " + volume.getMetadata().getName(),
                        client.persistentVolumes().withName(volume.getMetadata().getName()))));
        all.addAll(ofHost());
        var left = new ArrayList<String>();
        if (isInUse()) {
            UefiVirtualMachine there = vm().get();
            if (there != null) {
                left.add(describe(there));
            }
        } else {
            all.addAll(shared);
        }
        all.forEach(trace -> trace.object().delete());
        happens(DELETION, () -> all.stream().noneMatch(Trace::isLeft));
        all.stream().filter(Trace::isLeft).map(Trace::name).forEach(left::add);
        return left;
    }

    private boolean isInUse() {
        return definition(VMS).isThere()
                && !client.resources(UefiVirtualMachine.class)
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .isEmpty();
    }

    private String describe(UefiVirtualMachine there) {
        String condition = there.getStatus() == null
                ? "no status"
                : there.getStatus()
                        .condition(ConditionType.Ready)
                        .map(ready -> "%s: %s".formatted(ready.getReason(), ready.getMessage()))
                        .orElse("no condition");
        return ("uefivirtualmachine %s/%s (%s), its pod and NVRAM claim, and what they need: definitions, storage classes,"
                        + " namespace %s. Without an operator the VM goes when its finalizers do: kubectl -n %s patch uvm %s --type=merge -p"
                        + " '{\"metadata\":{\"finalizers\":null}}'")
                .formatted(namespace, vm, condition, Programs.NAMESPACE, namespace, vm);
    }

    private Resource<UefiVirtualMachine> vm() {
        return client.resources(UefiVirtualMachine.class).inNamespace(namespace).withName(vm);
    }

    private Trace claim(String name) {
        Resource<PersistentVolumeClaim> object =
                client.persistentVolumeClaims().inNamespace(namespace).withName(name);
        return new Trace("persistentvolumeclaim " + namespace + "/" + name, object);
    }

    private List<PersistentVolume> volumes() {
        return client.persistentVolumes().list().getItems().stream()
                .filter(volume -> volume.getSpec().getClaimRef() != null
                        && claims.contains(volume.getSpec().getClaimRef().getUid()))
                .toList();
    }

    /** All that has the name of the host, which is the quickstart's own. */
    private List<Trace> ofHost() {
        var all = new ArrayList<Trace>();
        if (definition(HOSTS).isThere()) {
            all.add(new Trace(
                    "uefihost " + Run.HOST, client.resources(UefiHost.class).withName(Run.HOST)));
        }
        all.add(new Trace("node " + Run.HOST, client.nodes().withName(Run.HOST)));
        for (String in : List.of("kube-node-lease", Programs.NAMESPACE)) {
            all.add(new Trace(
                    "lease " + in + "/" + Run.HOST,
                    client.leases().inNamespace(in).withName(Run.HOST)));
        }
        return all;
    }

    private Trace systemNamespace() {
        return new Trace("namespace " + Programs.NAMESPACE, client.namespaces().withName(Programs.NAMESPACE));
    }

    private Trace definition(String name) {
        return new Trace(
                "customresourcedefinition " + name,
                client.apiextensions().v1().customResourceDefinitions().withName(name));
    }
}
