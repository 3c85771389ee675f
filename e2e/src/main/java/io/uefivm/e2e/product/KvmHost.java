package io.uefivm.e2e.product;

import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.cluster.StandInKubelet;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.LibvirtHost;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One host of a {@link Site}: a real libvirt, a kubelet stand-in, and a node agent. */
public final class KvmHost implements AutoCloseable {
    private final LibvirtHost libvirt;
    private final StandInKubelet kubelet;
    private final Programs programs;
    private final Path kubeconfig;
    private @Nullable Program agent;

    KvmHost(LibvirtHost libvirt, StandInKubelet kubelet, Programs programs, Path kubeconfig) {
        this.libvirt = libvirt;
        this.kubelet = kubelet;
        this.programs = programs;
        this.kubeconfig = kubeconfig;
    }

    public String name() {
        return libvirt.name();
    }

    public LibvirtHost libvirt() {
        return libvirt;
    }

    public StandInKubelet kubelet() {
        return kubelet;
    }

    /** The running agent. */
    public Program agent() {
        return Objects.requireNonNull(agent, "no agent runs on " + name());
    }

    /** Starts the agent, again if it was ended; does not wait for it. */
    public Program startAgent() {
        Program started = programs.agent(kubeconfig, name(), libvirt::command);
        agent = started;
        return started;
    }

    /** Where the console of a VM is logged. */
    public Path consoleLog(UefiVirtualMachine vm) {
        return libvirt.outside("/var/lib/uefivm/" + vm.getMetadata().getUid() + "/console.log");
    }

    /** The console of a VM that runs here. */
    public GuestConsole console(UefiVirtualMachine vm) {
        return GuestConsole.open(
                libvirt,
                vm.getMetadata().getNamespace() + "." + vm.getMetadata().getName(),
                consoleLog(vm));
    }

    /** Ends the agent in an orderly way, then pulls the plug of the host. */
    @Override
    public void close() {
        if (agent != null) {
            agent.close();
        }
        kubelet.close();
        libvirt.close();
    }
}
