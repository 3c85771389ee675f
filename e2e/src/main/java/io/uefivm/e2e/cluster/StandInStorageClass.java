package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpecFluent;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The storage classes that {@link StandInVolumeBinder} provisions for: each claim gets a directory of its own. */
public enum StandInStorageClass {
    /**
     * The default class: a CSI volume that every node can use, as of a network file system. The attribute {@value
     * #DIRECTORY} of the volume names its directory, which has to be at the same path on every host.
     */
    SHARED("shared", "Immediate", true) {
        @Override
        void describe(PersistentVolumeSpecFluent<?> spec, String volume, Path directory, @Nullable String node) {
            spec.withNewCsi()
                    .withDriver(PROVISIONER)
                    .withVolumeHandle(volume)
                    .withVolumeAttributes(Map.of(DIRECTORY, directory.toString()))
                    .endCsi();
        }
    },
    /** A local volume of the node that the scheduler chose for the first pod that uses the claim; no other can use it. */
    LOCAL("local", "WaitForFirstConsumer", false) {
        @Override
        void describe(PersistentVolumeSpecFluent<?> spec, String volume, Path directory, @Nullable String node) {
            spec.withNewLocal().withPath(directory.toString()).endLocal();
            spec.withNewNodeAffinity()
                    .withNewRequired()
                    .addToNodeSelectorTerms(new NodeSelectorTermBuilder()
                            .addNewMatchExpression()
                            .withKey("kubernetes.io/hostname")
                            .withOperator("In")
                            .addToValues(node)
                            .endMatchExpression()
                            .build())
                    .endRequired()
                    .endNodeAffinity();
        }
    },
    /** A hostPath volume, as on a cluster of one node: used where it is, without a mount in kubelet's directory. */
    HOST_PATH("host-path", "Immediate", false) {
        @Override
        void describe(PersistentVolumeSpecFluent<?> spec, String volume, Path directory, @Nullable String node) {
            spec.withNewHostPath()
                    .withPath(directory.toString())
                    .withType("Directory")
                    .endHostPath();
        }
    };

    static final String PROVISIONER = "storage.test.uefivm.io";
    static final String DIRECTORY = "directory";

    private final String label;
    private final String bindingMode;
    private final boolean isDefault;

    StandInStorageClass(String label, String bindingMode, boolean isDefault) {
        this.label = label;
        this.bindingMode = bindingMode;
        this.isDefault = isDefault;
    }

    /** The name of the StorageClass object. */
    public String label() {
        return label;
    }

    boolean waitsForConsumer() {
        return bindingMode.equals("WaitForFirstConsumer");
    }

    abstract void describe(PersistentVolumeSpecFluent<?> spec, String volume, Path directory, @Nullable String node);

    StorageClass toObject() {
        return new StorageClassBuilder()
                .withNewMetadata()
                .withName(label)
                .addToAnnotations("storageclass.kubernetes.io/is-default-class", Boolean.toString(isDefault))
                .endMetadata()
                .withProvisioner(PROVISIONER)
                .withReclaimPolicy("Delete")
                .withVolumeBindingMode(bindingMode)
                .build();
    }

    /** The builder of a volume of this class, its source filled in. */
    PersistentVolumeBuilder volume(String name, Path directory, @Nullable String node) {
        PersistentVolumeBuilder builder = new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToAnnotations("pv.kubernetes.io/provisioned-by", PROVISIONER)
                .endMetadata();
        var spec = builder.withNewSpec();
        describe(spec, name, directory, node);
        return spec.withPersistentVolumeReclaimPolicy("Delete")
                .withStorageClassName(label)
                .withVolumeMode("Filesystem")
                .endSpec();
    }
}
