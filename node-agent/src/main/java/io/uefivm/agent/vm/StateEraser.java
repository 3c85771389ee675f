package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.Nvram;
import io.uefivm.api.v1alpha1.ReclaimPolicy;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases the state of deleted VMs in claims that they shared with others, in the pods that the operator makes for that on
 * this node. Whoever may make pods could make such a pod too; so it is the VM, not the pod, that says whether its state may
 * be erased and from which claim.
 */
public final class StateEraser implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateEraser.class);
    /** When to try again what failed. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    /** {@link Machines#erase}. */
    @FunctionalInterface
    public interface Erasure {
        void erase(String vmUid, Pod pod) throws Failure;
    }

    private final KubernetesClient client;
    private final String nodeName;
    private final Erasure erasure;
    private final EventRecorder events;
    /** The last failure by the UID of its pod: told once. */
    private final Map<String, String> told = new ConcurrentHashMap<>();

    private Optional<SharedIndexInformer<Pod>> pods = Optional.empty();

    /** An eraser that does nothing yet. */
    public StateEraser(KubernetesClient client, String nodeName, Erasure erasure, EventRecorder events) {
        this.client = client;
        this.nodeName = nodeName;
        this.erasure = erasure;
        this.events = events;
    }

    /** Watches the pods from now on. */
    public StateEraser start() {
        pods = Optional.of(client.pods()
                .inAnyNamespace()
                .withLabel(Api.LABEL_ERASES)
                .withField("spec.nodeName", nodeName)
                .inform(new OnPods(), AGAIN.toMillis()));
        return this;
    }

    private final class OnPods implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            look(pod);
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            look(pod);
        }

        @Override
        public void onDelete(Pod pod, boolean stateUnknown) {
            told.remove(pod.getMetadata().getUid());
        }
    }

    /** An exception would end nothing but this look; the next is in half a minute. */
    void look(Pod pod) {
        PodView view = PodView.of(pod);
        if (!view.running()
                || view.stop().isPresent()
                || !nodeName.equals(pod.getSpec().getNodeName())) {
            return;
        }
        String uid = Objects.requireNonNull(pod.getMetadata().getLabels().get(Api.LABEL_ERASES), "selected by it");
        try {
            Optional<UefiVirtualMachine> vm = vm(pod).filter(found -> mayBeErased(found, uid, pod));
            if (vm.isEmpty()) {
                tell(pod, "no VM with this UID is being deleted that shares the claim with reclaimPolicy Delete");
                return;
            }
            erase(vm.get(), uid, pod);
        } catch (KubernetesClientException e) {
            LOG.warn("cannot ask for the VM uid={}, will be tried again: {}", uid, e.getMessage());
        }
    }

    private void erase(UefiVirtualMachine vm, String uid, Pod pod) {
        try {
            erasure.erase(uid, pod);
            LOG.info(
                    "erased state namespace={} name={} uid={}",
                    vm.getMetadata().getNamespace(),
                    vm.getMetadata().getName(),
                    uid);
        } catch (Failure failure) {
            String message = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
            if (tell(pod, message)) {
                events.warning(vm, failure.reason(), message);
            }
        }
    }

    private Optional<UefiVirtualMachine> vm(Pod pod) {
        String name = pod.getMetadata().getAnnotations().get(Api.ANNOTATION_VM_NAME);
        return name == null
                ? Optional.empty()
                : Optional.ofNullable(client.resources(UefiVirtualMachine.class)
                        .inNamespace(pod.getMetadata().getNamespace())
                        .withName(name)
                        .get());
    }

    private static boolean mayBeErased(UefiVirtualMachine vm, String uid, Pod pod) {
        Nvram nvram = vm.getSpec().nvram();
        return uid.equals(vm.getMetadata().getUid())
                && vm.getMetadata().getDeletionTimestamp() != null
                && nvram.reclaimPolicy() == ReclaimPolicy.Delete
                && nvram.sharedClaim() != null
                && nvram.sharedClaim()
                        .equals(PodVolumes.claimName(pod, Api.VOLUME_NVRAM).orElse(null));
    }

    /** Logs what is new; false when it was said before. */
    private boolean tell(Pod pod, String message) {
        if (message.equals(told.put(pod.getMetadata().getUid(), message))) {
            return false;
        }
        LOG.warn(
                "cannot erase state namespace={} pod={}: {}",
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                message);
        return true;
    }

    @Override
    public void close() {
        pods.ifPresent(SharedIndexInformer::close);
    }
}
