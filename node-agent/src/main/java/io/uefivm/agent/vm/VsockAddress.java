package io.uefivm.agent.vm;

import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The address (CID) that libvirt gave the vsock of a domain at its start. */
final class VsockAddress {
    private static final Logger LOG = LoggerFactory.getLogger(VsockAddress.class);
    private static final Pattern CID = Pattern.compile("<cid [^>]*address=['\"](\\d+)");

    private VsockAddress() {}

    /** Status with that address, if the VM has a vsock. The domain runs, so a libvirt that is away is no failure. */
    static VmStatus addTo(VmStatus status, UefiVirtualMachine vm, Hypervisor hypervisor) {
        return vm.getSpec().vsock() == null
                ? status
                : status.withDomain(
                        status.domain().withVsockCid(of(hypervisor, domain(vm)).orElse(null)));
    }

    private static UUID domain(UefiVirtualMachine vm) {
        return UUID.fromString(
                Objects.requireNonNull(Objects.requireNonNull(vm.getStatus()).identity())
                        .uuid());
    }

    private static Optional<Long> of(Hypervisor hypervisor, UUID domain) {
        try {
            return hypervisor
                    .describe(domain)
                    .map(CID::matcher)
                    .filter(Matcher::find)
                    .map(found -> Long.valueOf(found.group(1)));
        } catch (HypervisorException e) {
            LOG.warn("the address of the vsock stays unknown domain={}: {}", domain, e.getMessage());
            return Optional.empty();
        }
    }
}
