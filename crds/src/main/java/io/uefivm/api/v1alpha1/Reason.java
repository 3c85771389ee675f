package io.uefivm.api.v1alpha1;

/**
 * Every reason that a condition or an event of uefivm can carry. One place, so that no part matches on the text of
 * another.
 */
public enum Reason {
    // Progress
    Pending,
    Scheduling,
    Scheduled,
    Starting,
    Running,
    Paused,
    Stopping,
    Restarting,
    BackOff,

    // At rest
    Halted,
    Completed,
    Succeeded,

    // What keeps a VM from being placed
    ClaimNotFound,
    ClaimLost,
    NoHosts,
    NoSuitableHost,
    Unschedulable,
    PodFailed,
    PodNameTaken,
    CreationRejected,

    // What the operator did for a start
    ClaimCreated,

    // What the node agent found
    NvramPrepared,
    NvramRecovered,
    NvramCommitted,
    NvramUnreadable,
    NvramWrongSize,
    NvramFull,
    ClaimTooSmall,
    ClaimUnsafe,
    DiskNotFound,
    FirmwareNotFound,
    MachineTypeNotFound,
    SecureBootWithoutSmm,
    DeviceUnavailable,
    CpusNotDedicated,
    DeviceNotReset,
    DomainInvalid,
    DomainStartFailed,
    HypervisorUnavailable,
    StaleEpoch,

    // How a domain ended
    GuestShutdown,
    StopRequested,
    GracePeriodExceeded,
    Crashed,
    DomainLost,
    Destroyed,
    WatchdogFired,

    // The guest agent
    AgentConnected,
    AgentDisconnected,

    // Media of a running VM
    MediumInserted,
    MediumEjected,
    MediumLocked,

    // Disks of a running VM
    DiskGrew,
    DiskNotGrown,

    // Secure Boot
    Enforcing,
    SetupMode,
    SecureBootOff,
    BootBlocked,

    // Declared firmware state
    AsDeclared,
    KeysDrifted,
    VariablesDrifted,
    KeyMaterialMissing,
    KeyMaterialInvalid,
    BootTargetNotFound,
    RequestDone,
    RequestRefused,
    RequestPending,
    SpecChanged,

    // The host
    AgentUnavailable,
    NodeUnavailable,
    NodeLost,
    ProbeFailed,
    FirmwareFound,

    // Deletion
    StateDeleted,
    StateRetained,

    InternalError
}
