package io.uefivm.agent.hypervisor;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The libvirt of one host, as far as the agent needs it. Domains are transient: libvirt forgets them when they end.
 * Domains without this product's metadata are never listed and never touched.
 */
public interface Hypervisor extends AutoCloseable {

    /** Versions and machine types, as libvirt reports them. */
    HypervisorFacts facts() throws HypervisorException;

    /** This product's domains. */
    List<RunningDomain> domains() throws HypervisorException;

    /** This product's domain with that UUID. */
    Optional<RunningDomain> domain(UUID uuid) throws HypervisorException;

    /**
     * Creates and starts a transient domain.
     *
     * @throws HypervisorException with libvirt's own text when the domain did not start; nothing is left of it then
     */
    void start(String domainXml) throws HypervisorException;

    /** Asks the guest to shut down, through ACPI. A guest may ignore it. No error when the domain is already gone. */
    void requestShutdown(UUID uuid) throws HypervisorException;

    /** Ends the domain at once. No error when it is already gone. */
    void destroy(UUID uuid) throws HypervisorException;

    /**
     * Calls back for every lifecycle event of this product's domains and once, with {@link DomainEvent.Reconnected},
     * after the connection to libvirt was lost and made again. Called on the connection's own thread: return at once.
     */
    void onEvent(Consumer<DomainEvent> listener);

    @Override
    void close();
}
