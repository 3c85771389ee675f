package io.uefivm.api.v1alpha1;

/** Names that all parts of uefivm agree on: the API group, labels, annotations and field managers. */
public final class Api {
    public static final String GROUP = "uefivm.io";
    public static final String VERSION = "v1alpha1";

    /** Field manager of everything the operator applies. */
    public static final String OPERATOR_FIELD_MANAGER = "uefivm-operator";
    /** Field manager of everything a node agent applies, the same on every node: the newest host takes over. */
    public static final String AGENT_FIELD_MANAGER = "uefivm-agent";

    /** Label of the Lease that a node agent renews; its value is {@code true}. */
    public static final String LABEL_AGENT_LEASE = "uefivm.io/agent";

    /** Label of a VM pod and of a claim: the UID of its VM. Names can be longer than a label value; UIDs cannot. */
    public static final String LABEL_VM_UID = "uefivm.io/vm-uid";
    /** Annotation of a VM pod: the name of its VM. */
    public static final String ANNOTATION_VM_NAME = "uefivm.io/vm-name";
    /** Annotation of a VM pod: the epoch that it runs, a decimal number. */
    public static final String ANNOTATION_EPOCH = "uefivm.io/epoch";
    /** Annotation of a VM pod: the generation of the VM's spec that it was made from, a decimal number. */
    public static final String ANNOTATION_GENERATION = "uefivm.io/generation";

    /** Annotation of a VM pod: digests of the fields of the spec that it was made from, for the operator alone. */
    public static final String ANNOTATION_SPEC = "uefivm.io/spec";

    /** Annotation of a VM pod, a {@link RolloutPart}: what a roll-out of firmware means for this start; absent without one. */
    public static final String ANNOTATION_FIRMWARE_ROLLOUT = "uefivm.io/firmware-rollout";

    /**
     * Label of a pod that mounts a claim for a node agent to erase the state of one VM in it: the UID of that VM, which is
     * being deleted. It has the volumes {@link #VOLUME_NVRAM} and {@link #VOLUME_HOLD}.
     */
    public static final String LABEL_ERASES = "uefivm.io/erases";

    /** Name of the pod volume that carries the NVRAM claim. */
    public static final String VOLUME_NVRAM = "nvram";
    /** Prefix of the pod volume of a disk; the disk's name follows. */
    public static final String VOLUME_DISK_PREFIX = "disk-";
    /** Prefix of the pod volume of the claim with a device's ROM; the device's name follows. */
    public static final String VOLUME_ROM_PREFIX = "rom-";
    /** Name of the pod volume with what Secrets and ConfigMaps declare of the firmware; see {@link FirmwareFile}. */
    public static final String VOLUME_FIRMWARE = "firmware";
    /** Name of the emptyDir through which the agent tells the hold container that the domain is gone. */
    public static final String VOLUME_HOLD = "uefivm";
    /** Where the hold container sees that emptyDir. */
    public static final String HOLD_MOUNT_PATH = "/run/uefivm";
    /** The file in that emptyDir that ends the hold container. */
    public static final String HOLD_ENDED_FILE = "ended";

    /** Node label, value {@code true}: the agent of this node is alive and can run VMs. */
    public static final String LABEL_NODE_READY = "uefivm.io/ready";
    /** Node label, value {@code true}: the accelerator in use offers System Management Mode. */
    public static final String LABEL_NODE_SMM = "uefivm.io/smm";
    /** Node label, value {@code true}: guests can have a vsock. */
    public static final String LABEL_NODE_VSOCK = "uefivm.io/vsock";
    /** Node label, value {@code kvm} or {@code tcg}. */
    public static final String LABEL_NODE_ACCELERATOR = "uefivm.io/accelerator";
    /** Prefix of Node labels, value {@code true}: a firmware kind (see {@link FirmwareKind}) that the node offers. */
    public static final String LABEL_NODE_FIRMWARE_PREFIX = "firmware.uefivm.io/";
    /**
     * Prefix of Node labels, value {@code true}: a firmware build that the node offers; the first 32 hexadecimal digits
     * of its code's digest follow.
     */
    public static final String LABEL_NODE_FIRMWARE_CODE_PREFIX = LABEL_NODE_FIRMWARE_PREFIX + "code-";
    /** Prefix of Node labels, value {@code true}: a machine type that the node offers. */
    public static final String LABEL_NODE_MACHINE_PREFIX = "machine.uefivm.io/";

    private Api() {}
}
