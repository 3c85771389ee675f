package io.uefivm.agent.vm;

import io.uefivm.agent.cgroup.Home;
import io.uefivm.agent.cgroup.HostCgroups;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.domain.DomainInput;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.agent.domain.DomainXml;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a VM's domain in the cgroup of its pod, so that the pod's limits hold for it, that it counts as the pod's, and that
 * kubelet ends it with the pod. A host where that cannot be had runs its VMs all the same; the log says why, once.
 */
final class PodHome {
    private static final Logger LOG = LoggerFactory.getLogger(PodHome.class);
    private static final String PID_FILES = "run/libvirt/qemu";

    private final Path pidFiles;
    private final HostCgroups cgroups;
    private final Hypervisor hypervisor;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    /** @param hostRoot where the host's root is seen */
    PodHome(Path hostRoot, Hypervisor hypervisor) {
        this.pidFiles = hostRoot.resolve(PID_FILES);
        this.cgroups = new HostCgroups(hostRoot);
        this.hypervisor = hypervisor;
    }

    /** As {@link Hypervisor#start}. */
    void start(DomainInput input) throws HypervisorException {
        Home home = home(input);
        if (home instanceof Home.Partition partition) {
            startIn(partition, input);
            return;
        }
        hypervisor.start(DomainXml.render(input));
        if (home instanceof Home.Joined pod) {
            move(input.owner(), pod);
        } else if (home instanceof Home.Outside outside && told.add(kindOf(outside, input))) {
            LOG.warn("domains run outside of the cgroups of their pods: {}", outside.why());
        }
    }

    /** QEMU's emulator keeps up to 1 GiB of translated code, which no pod requests: its limit would end the guest. */
    private Home home(DomainInput input) {
        return input.accelerator() == Accelerator.TCG
                ? new Home.Outside("they are emulated, and the memory of the emulator is not in the requests of pods")
                : cgroups.home(input.owner().podUid());
    }

    /** One line for each cause, whichever pod it speaks of. */
    private static String kindOf(Home.Outside outside, DomainInput input) {
        return outside.why().replace(input.owner().podUid(), "");
    }

    /** That libvirt and the init system of the host disagree on a name must keep no VM from running. */
    private void startIn(Home.Partition partition, DomainInput input) throws HypervisorException {
        try {
            hypervisor.start(DomainXml.render(input.within(input.share().in(partition.name()))));
        } catch (HypervisorException refusal) {
            if (refusal.kind() != HypervisorException.Kind.REFUSED) {
                throw refusal;
            }
            hypervisor.start(DomainXml.render(input));
            LOG.warn(
                    "the domain runs outside of its pod's cgroup vm={} partition={}: libvirt refused it there: {}",
                    input.owner().vm(),
                    partition.name(),
                    refusal.getMessage());
        }
    }

    /** QEMU alone: swtpm, some MiB, stays where libvirt put it, and ends with QEMU. */
    private void move(DomainOwner owner, Home.Joined pod) {
        Path pidFile = pidFiles.resolve(owner.namespace() + "." + owner.name() + ".pid");
        try {
            cgroups.join(pod, Long.parseLong(Files.readString(pidFile).strip()));
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            LOG.warn("the domain runs outside of its pod's cgroup vm={}: {}", owner.vm(), e.toString());
        }
    }
}
