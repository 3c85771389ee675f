package io.uefivm.agent.hypervisor;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The libvirt of one host, as far as the agent needs it. Domains are transient: libvirt forgets them when they end.
 * Domains without this product's metadata are never listed and never touched.
 */
public interface Hypervisor extends AutoCloseable {

    /** Versions and machine types, as libvirt reports them. Remembered as long as libvirt and QEMU stay the same. */
    HypervisorFacts facts() throws HypervisorException;

    /** This product's domains. */
    List<RunningDomain> domains() throws HypervisorException;

    /**
     * This product's domain with that UUID.
     *
     * @throws HypervisorException REFUSED when there is a domain with that UUID that is not this product's
     */
    Optional<RunningDomain> domain(UUID uuid) throws HypervisorException;

    /**
     * Creates and starts a transient domain.
     *
     * @throws HypervisorException REFUSED with libvirt's own text when the domain did not start; nothing is left of it
     *     then. UNAVAILABLE when libvirt was lost over it: whether the domain runs has to be looked up.
     */
    void start(String domainXml) throws HypervisorException;

    /**
     * Starts a domain for a trial. It carries no owner and thus is no domain of {@link #domains()}.
     *
     * @return what ends it; it also ends when this process or its connection to libvirt does
     * @throws HypervisorException as {@link #start}
     */
    Trial startTrial(String domainXml) throws HypervisorException;

    /** A running trial. */
    interface Trial extends AutoCloseable {
        @Override
        void close() throws HypervisorException;
    }

    /**
     * The description of a running domain as it is now, in libvirt's XML; empty when it is gone.
     *
     * @throws HypervisorException UNAVAILABLE when libvirt could not be asked
     */
    Optional<String> describe(UUID uuid) throws HypervisorException;

    /**
     * Gives a device of a running domain another description, by which libvirt changes the medium of a drive.
     *
     * @param deviceXml of the whole device, found again by its target
     * @throws HypervisorException REFUSED with libvirt's own text, for example when the guest holds the medium or the domain
     *     is gone
     */
    void updateDevice(UUID uuid, String deviceXml) throws HypervisorException;

    /**
     * The size of a disk of a running domain; empty when the domain is gone.
     *
     * @param path of its image or device, as the domain names it
     * @throws HypervisorException REFUSED when it has no such disk
     */
    Optional<DiskSize> diskSize(UUID uuid, String path) throws HypervisorException;

    /**
     * Gives a disk of a running domain another size, and tells the guest. An image file is enlarged by that.
     *
     * @throws HypervisorException REFUSED with libvirt's own text
     */
    void resizeDisk(UUID uuid, String path, long bytes) throws HypervisorException;

    /** Whether the guest agent of a domain has its channel open, as libvirt knows it. False when the domain is gone. */
    boolean hasGuestAgent(UUID uuid) throws HypervisorException;

    /**
     * Asks the guest agent, and waits some seconds for it.
     *
     * @param command as JSON, of QEMU's guest agent protocol
     * @return its answer, JSON of a guest that is not to be trusted
     * @throws HypervisorException REFUSED when it does not answer or knows no such command
     */
    String askGuest(UUID uuid, String command) throws HypervisorException;

    /** Asks the guest to shut down, through ACPI. A guest may ignore it. No error when the domain is already gone. */
    void requestShutdown(UUID uuid) throws HypervisorException;

    /**
     * Ends the domain at once. No error when it is already gone. No event follows when libvirtd was started again and has
     * not yet taken over its guests.
     */
    void destroy(UUID uuid) throws HypervisorException;

    /**
     * How a domain ended that ended while nobody listened, from the trace that libvirt leaves of it.
     *
     * @param domainName name of the domain
     * @param startedAt when it started; of an earlier domain of that name nothing is told
     * @return UNKNOWN when it runs or there is no trace
     */
    DomainEnd lastEnd(String domainName, Instant startedAt);

    /**
     * Calls back for every lifecycle event, and with {@link DomainEvent.Reconnected} whenever there is a connection to
     * libvirt after there was none. Events of domains that are not this product's may be among them: once a domain is
     * gone, nobody can tell whose it was. Called on the connection's own threads: return at once.
     */
    void onEvent(Consumer<DomainEvent> listener);

    @Override
    void close();
}
