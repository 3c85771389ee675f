package io.uefivm.e2e.product;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.e2e.cluster.BoundVolumes;
import io.uefivm.e2e.cluster.StandInCluster;
import io.uefivm.e2e.cluster.StandInKubelet;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.lab.GuestImage;
import io.uefivm.e2e.lab.LibvirtHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The whole product on one machine: a control plane with stand-ins for what a cluster has besides, the operator, and any
 * number of KVM hosts with real libvirt. Everything is ended when it is closed.
 */
public final class Site implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ControlPlane controlPlane;
    private final Path work;
    private final Path kubeconfig;
    private final Programs programs;
    private final StandInCluster standIns;
    private final List<KvmHost> hosts = new ArrayList<>();
    private @Nullable Program operator;

    private Site(ControlPlane controlPlane, Path root, Path work, Path kubeconfig) {
        this.controlPlane = controlPlane;
        this.work = work;
        this.kubeconfig = kubeconfig;
        this.programs = new Programs(root, work);
        this.standIns = StandInCluster.start(controlPlane.client(), work.resolve("storage"));
    }

    /**
     * Brings up the stand-ins and installs the definitions; operator and hosts are started apart.
     *
     * @param controlPlane what to work against; it is not closed with the site
     * @param root the project's root directory
     * @param work for logs, storage and the hosts' state
     * @param kubeconfig what operator and agents use, the control plane's own or that of a counter before it
     */
    public static Site start(ControlPlane controlPlane, Path root, Path work, Path kubeconfig) {
        controlPlane.applyCrds();
        KubernetesClient client = controlPlane.client();
        if (client.namespaces().withName(Programs.NAMESPACE).get() == null) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(Programs.NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
        }
        return new Site(controlPlane, root, work, kubeconfig);
    }

    public KubernetesClient client() {
        return controlPlane.client();
    }

    public ControlPlane controlPlane() {
        return controlPlane;
    }

    /** Starts the operator with further options, again if it was ended; does not wait for it. */
    public Program startOperator(String... options) {
        Program started = programs.operator(kubeconfig, options);
        operator = started;
        return started;
    }

    /** The running operator. */
    public Program operator() {
        return Objects.requireNonNull(operator, "no operator runs");
    }

    /** What kubelets beside those of its hosts need to know. */
    public BoundVolumes volumes() {
        return standIns.volumes();
    }

    /** Boots a host with its kubelet, and starts its agent without waiting for it. */
    public KvmHost addHost(String name) {
        LibvirtHost libvirt = LibvirtHost.start(name, work.resolve(name));
        StandInKubelet kubelet;
        try {
            kubelet = StandInKubelet.start(
                    client(), StandInKubelet.Settings.of(name, "16", "64Gi"), libvirt, standIns.volumes());
        } catch (RuntimeException e) {
            libvirt.close();
            throw e;
        }
        var host = new KvmHost(libvirt, kubelet, programs, kubeconfig);
        hosts.add(host);
        host.startAgent();
        return host;
    }

    /** Makes a claim, if it is not there, and waits until it is bound. */
    public PersistentVolumeClaim claim(String namespace, String name) {
        if (client().persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withName(name)
                        .get()
                == null) {
            client().resource(new PersistentVolumeClaimBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName(name)
                            .endMetadata()
                            .withNewSpec()
                            .withAccessModes("ReadWriteOnce")
                            .withNewResources()
                            .addToRequests("storage", new Quantity("1Gi"))
                            .endResources()
                            .endSpec()
                            .build())
                    .create();
        }
        return Awaitility.await("claim " + name + " is bound")
                .atMost(PATIENCE)
                .until(
                        () -> client().persistentVolumeClaims()
                                .inNamespace(namespace)
                                .withName(name)
                                .get(),
                        claim -> claim != null
                                && claim.getStatus() != null
                                && "Bound".equals(claim.getStatus().getPhase()));
    }

    /** The directory behind a bound claim of the shared class. */
    public Path directory(PersistentVolumeClaim claim) {
        PersistentVolume volume = client().persistentVolumes()
                .withName(claim.getSpec().getVolumeName())
                .get();
        return Path.of(volume.getSpec().getCsi().getVolumeAttributes().get("directory"));
    }

    /** Makes a claim whose {@code disk.img} is a copy of {@code image}. */
    public Path disk(String namespace, String claim, Path image) {
        try {
            Path disk = directory(claim(namespace, claim)).resolve("disk.img");
            Path arriving = disk.resolveSibling("disk.img.new");
            GuestImage.copy(image, arriving);
            return Files.move(arriving, disk);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (operator != null) {
            operator.close();
        }
        hosts.forEach(KvmHost::close);
        standIns.close();
    }
}
