package io.uefivm.agent.volume;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/** Claims and the volumes they are bound to, as the API server has them. */
public interface ClaimLookup {

    Optional<PersistentVolumeClaim> claim(String namespace, String name);

    Optional<PersistentVolume> volume(String name);

    /** Asks the API server each time: once for every volume of a start. */
    static ClaimLookup of(KubernetesClient client) {
        return new ClaimLookup() {
            @Override
            public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
                return Optional.ofNullable(client.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
            }

            @Override
            public Optional<PersistentVolume> volume(String name) {
                return Optional.ofNullable(
                        client.persistentVolumes().withName(name).get());
            }
        };
    }
}
