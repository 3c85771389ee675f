package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a kubelet does on its host. Calls for one pod come one after the other, those for several at the same time. */
interface PodRuntime extends AutoCloseable {

    /** A container that was started. */
    interface Running {

        /** Completes with the exit status, 128 + n when signal n ended it. */
        CompletableFuture<Integer> exit();

        /** Asks it to end (SIGTERM). */
        void terminate();

        /** Ends it. */
        void kill();
    }

    /**
     * Gives the pod the devices that it asks for; may be repeated.
     *
     * @return why the node cannot run the pod after all; empty when it can
     */
    Optional<String> admit(Pod pod);

    /**
     * Makes the pod's volumes, mounted in kubelet's directory; may be repeated.
     *
     * @param claims the volume behind each persistentVolumeClaim of the pod, by the name of the pod's volume
     * @throws IOException when that cannot be done; it is tried again
     */
    void prepare(Pod pod, Map<String, PersistentVolume> claims) throws IOException;

    /** Starts the pod's one container; {@code claims} as for {@link #prepare}. */
    Running start(Pod pod, Map<String, PersistentVolume> claims) throws IOException;

    /** The pod's container has ended, or never began: its devices are free. */
    void release(String podUid);

    /** Unmounts and removes what {@link #prepare} made, even while it is in use. */
    void cleanUp(String podUid) throws IOException;

    /** Everything ends, as in a power failure: containers, mounts, and what lives only as long as the host runs. */
    @Override
    void close();
}
