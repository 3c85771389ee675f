package io.uefivm.api.v1alpha1;

/** The conditions of both kinds. {@code Ready}, {@code Reconciling} and {@code Stalled} follow kstatus. */
public enum ConditionType {
    /** The machine is as its spec asks: running, or stopped when it should be. Owned by the operator. */
    Ready,
    /** Something is on its way. Owned by the operator. */
    Reconciling,
    /** Nothing will happen until the spec or the cluster changes. Owned by the operator. */
    Stalled,
    /** The VM pod has a node. Owned by the operator. */
    Scheduled,
    /** NVRAM and TPM state were found, validated and prepared. Owned by the agent. */
    NvramReady,
    /** The libvirt domain runs. Owned by the agent. */
    DomainRunning,
    /** Keys are enrolled and enforced, by what the variable store says. Owned by the agent. */
    SecureBootEnforcing,
    /** Keys and variables of the store are those that the spec declares. Owned by the agent. */
    FirmwareAsDeclared,
    /** The guest agent answers; left out until it did for the first time. Owned by the agent. */
    GuestAgentConnected,
    /** Devices of the host came back in order when the domain ended; left out unless one did not. Owned by the agent. */
    DevicesReset,
    /** Fields of the spec wait for the next cold start. Owned by the operator. */
    RestartRequired,
    /** Of a UefiHost: libvirt answers and an accelerator works. Owned by the agent. */
    Virtualization,
    /** Of a UefiHost: at least one UEFI firmware build was found. Owned by the agent. */
    FirmwareAvailable
}
