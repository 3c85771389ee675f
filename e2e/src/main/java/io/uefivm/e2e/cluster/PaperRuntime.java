package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A runtime without processes and mounts, for thousands of pods: a container runs until SIGTERM and then exits with 0. */
final class PaperRuntime implements PodRuntime {

    private record PaperContainer(CompletableFuture<Integer> exit) implements Running {
        @Override
        public void terminate() {
            exit.complete(0);
        }

        @Override
        public void kill() {
            exit.complete(137);
        }
    }

    @Override
    public Optional<String> admit(Pod pod) {
        return Optional.empty();
    }

    @Override
    public void release(String podUid) {}

    @Override
    public void prepare(Pod pod, Map<String, PersistentVolume> claims) {}

    @Override
    public Running start(Pod pod, Map<String, PersistentVolume> claims) {
        return new PaperContainer(new CompletableFuture<>());
    }

    @Override
    public void cleanUp(String podUid) {}

    @Override
    public void close() {}
}
