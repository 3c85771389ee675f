package io.uefivm.agent;

import io.uefivm.agent.domain.Accelerator;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What an agent is told at its start.
 *
 * @param nodeName the Node that it serves
 * @param namespace where its Lease lives, the operator's own namespace
 * @param libvirtUri for example {@code qemu:///system}
 * @param hostRoot where the host's root is seen, {@code /} outside of a container; firmware is read below it
 * @param stateDir the agent's own directory; libvirt and QEMU see it at the same path
 * @param kubeletDir kubelet's root directory
 * @param swtpmDir where libvirt keeps TPM state
 * @param accelerator what to use instead of trying
 */
public record AgentOptions(
        String nodeName,
        String namespace,
        String libvirtUri,
        Path hostRoot,
        Path stateDir,
        Path kubeletDir,
        Path swtpmDir,
        Optional<Accelerator> accelerator) {
    /** Where the domain of a VM writes what its firmware and its guest say on the serial console. */
    public Path console(String vmUid) {
        return stateDir.resolve(vmUid).resolve("console.log");
    }

    /** The variable store of the domain of a VM. */
    public Path vars(String vmUid) {
        return stateDir.resolve(vmUid).resolve("nvram/vars.fd");
    }
}
