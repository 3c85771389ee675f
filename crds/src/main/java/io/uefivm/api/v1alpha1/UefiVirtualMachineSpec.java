package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The desired state of a virtual machine. Only users write it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "self.firmware.secureBoot == oldSelf.firmware.secureBoot",
        message =
                "firmware.secureBoot cannot be changed on an existing VM: its firmware build and its stored variables belong to it; make a new VM instead",
        fieldPath = ".firmware")
@ValidationRule(
        value = "(self.firmware.layout == 'Stateless') == (oldSelf.firmware.layout == 'Stateless')",
        message =
                "firmware.layout cannot be changed to or from Stateless on an existing VM: its stored variables would stay behind; make a new VM instead",
        fieldPath = ".firmware")
@ValidationRule(
        value = "self.firmware.layout != 'Stateless' || self.firmware.secureBoot == 'Disabled'",
        message =
                "firmware.layout Stateless needs firmware.secureBoot Disabled: Secure Boot keys are variables, and none are kept",
        fieldPath = ".firmware")
@ValidationRule(
        value = "self.firmware.layout != 'Stateless' || !self.tpm.enabled",
        message =
                "firmware.layout Stateless needs tpm.enabled false: the state of a TPM would have to be kept, and nothing is",
        fieldPath = ".tpm")
@ValidationRule(
        value = "self.firmware.layout != 'Stateless' || (!has(self.firmware.bootNext) && !has(self.firmware.variables)"
                + " && !has(self.nvram.request) && !has(self.nvram.storage) && !has(self.nvram.sharedClaim))",
        message =
                "firmware.layout Stateless has no stored variables: leave out firmware.bootNext, firmware.variables, nvram.request, nvram.storage and nvram.sharedClaim",
        fieldPath = ".firmware")
@ValidationRule(
        value = "self.firmware.layout != 'Combined' || !has(self.nvram.storage)"
                + " || !isQuantity(string(self.nvram.storage.size))"
                + " || quantity(string(self.nvram.storage.size)).compareTo(quantity('16Mi')) >= 0",
        message =
                "nvram.storage.size must be at least 16Mi with firmware.layout Combined: two whole images of the firmware have to fit, that of the last start and that of the next",
        fieldPath = ".nvram")
@ValidationRule(
        value = "!has(self.firmware.bootNext) || self.firmware.bootNext in ['Setup', 'Network', 'HTTP']"
                + " || (has(self.disks) && self.disks.exists(d, d.name == self.firmware.bootNext))"
                + " || (has(self.networks) && self.networks.exists(n, n.name == self.firmware.bootNext))",
        message = "firmware.bootNext must be Setup, Network, HTTP, or the name of a disk or network of this VM",
        fieldPath = ".firmware")
@ValidationRule(
        value = "(has(self.nvram.sharedClaim) ? self.nvram.sharedClaim : '')"
                + " == (has(oldSelf.nvram.sharedClaim) ? oldSelf.nvram.sharedClaim : '')",
        message = "nvram.sharedClaim cannot be changed on an existing VM: its stored variables would stay behind",
        fieldPath = ".nvram")
@ValidationRule(
        value = "!has(self.disks) || self.disks.all(d, !has(d.bootOrder)"
                + " || self.disks.exists_one(e, has(e.bootOrder) && e.bootOrder == d.bootOrder))",
        message = "each bootOrder may be given to one disk or network only; two disks have the same",
        fieldPath = ".disks")
@ValidationRule(
        value = "!has(self.networks) || self.networks.all(n, !has(n.bootOrder)"
                + " || (self.networks.exists_one(e, has(e.bootOrder) && e.bootOrder == n.bootOrder)"
                + " && (!has(self.disks) || !self.disks.exists(d, has(d.bootOrder) && d.bootOrder == n.bootOrder))))",
        message =
                "each bootOrder may be given to one disk or network only; a network has that of another network or a disk",
        fieldPath = ".networks")
@ValidationRule(
        value = "!has(self.networks) || self.networks.all(n,"
                + " (!has(self.disks) || !self.disks.exists(d, d.name == n.name))"
                + " && (!has(self.devices) || !self.devices.exists(d, d.name == n.name)))",
        message = "a network has the name of a disk or device; names are unique in the VM",
        fieldPath = ".networks")
@ValidationRule(
        value = "!has(self.disks) || !has(self.devices)"
                + " || self.disks.all(d, !self.devices.exists(e, e.name == d.name))",
        message = "a disk has the name of a device; names are unique in the VM",
        fieldPath = ".disks")
@ValidationRule(
        value = "!has(self.disks) || self.disks.filter(d, (has(d.bus) && d.bus == 'usb')"
                + " || (has(d.cdrom) && has(d.cdrom.bus) && d.cdrom.bus == 'usb')).size() <= 14",
        message = "a VM has room for 14 disks and CD-ROMs on usb; use another bus",
        fieldPath = ".disks")
public record UefiVirtualMachineSpec(
        @JsonPropertyDescription(
                "When the VM should be running. Always (default): started again whatever ended it. RerunOnFailure: left stopped when the guest shuts itself down. Once: runs one time. Halted: not running; a running guest is shut down.")
        @Default("Always")
        RunStrategy runStrategy,

        @JsonPropertyDescription("Linux (default) or Windows: the clock and the enlightenments follow from it.")
        @Default("Linux")
        GuestOs guestOS,

        @JsonPropertyDescription("Virtual CPUs.") @Default("{}")
        Cpu cpu,

        @JsonPropertyDescription("Guest memory.") @Required Memory memory,

        @JsonPropertyDescription(
                "Versioned machine type, for example pc-q35-7.2. Left out, the newest that the first host offers is taken and kept for ever in status.machineType.")
        @Pattern("^pc-q35-[0-9]+\\.[0-9]+(\\.[0-9]+)?$")
        @Size(max = 40)
        @Nullable
        String machineType,

        @JsonPropertyDescription("The UEFI firmware.") @Default("{}")
        Firmware firmware,

        @JsonPropertyDescription("The Trusted Platform Module.") @Default("{}")
        Tpm tpm,

        @JsonPropertyDescription("Where UEFI variables and TPM state live, and for how long.") @Default("{}")
        Nvram nvram,

        @JsonPropertyDescription("Disks and CD-ROMs.") @Size(max = 32)
        List<Disk> disks,

        @JsonPropertyDescription("Network cards.") @Size(max = 16)
        List<Network> networks,

        @JsonPropertyDescription("Devices of the host that are passed through.") @Size(max = 16)
        List<Device> devices,

        @JsonPropertyDescription("The emulated screen; VNC unless a device is passed through.") @Nullable
        Graphics graphics,

        @JsonPropertyDescription(
                "A watchdog card (i6300esb). It does nothing before the guest arms it, for example with RuntimeWatchdogSec in systemd's system.conf.")
        @Nullable
        Watchdog watchdog,

        @JsonPropertyDescription(
                "A socket between the guest and its host (vsock), which needs no network. Needs a host with vhost_vsock. The guest's address there (CID) is in status.domain.vsockCid, and another one after each start.")
        @Nullable
        Vsock vsock,

        @JsonPropertyDescription(
                "How long the guest may take to shut down when asked to, in seconds, before it is powered off.")
        @Default("120")
        @Min(0)
        @Max(86400)
        Long terminationGracePeriodSeconds,

        @JsonPropertyDescription("Labels that the VM's node must have, as in a Pod.")
        Map<String, String> nodeSelector,

        @JsonPropertyDescription("Scheduling constraints, as in a Pod.") @Nullable
        Affinity affinity,

        @JsonPropertyDescription("Taints that the VM tolerates, as in a Pod.") @Size(max = 64)
        List<Toleration> tolerations,

        @JsonPropertyDescription("Priority class of the VM's pod.") @Size(max = 253) @Nullable
        String priorityClassName) {

    public UefiVirtualMachineSpec {
        runStrategy = Defaults.or(runStrategy, RunStrategy.Always);
        guestOS = Defaults.or(guestOS, GuestOs.Linux);
        cpu = Defaults.or(cpu, Cpu.DEFAULT);
        firmware = Defaults.or(firmware, Firmware.DEFAULT);
        tpm = Defaults.or(tpm, Tpm.DEFAULT);
        nvram = Defaults.or(nvram, Nvram.DEFAULT);
        disks = disks == null ? List.of() : List.copyOf(disks);
        networks = networks == null ? List.of() : List.copyOf(networks);
        devices = devices == null ? List.of() : List.copyOf(devices);
        terminationGracePeriodSeconds = Defaults.or(terminationGracePeriodSeconds, 120L);
        nodeSelector = nodeSelector == null ? Map.of() : Map.copyOf(nodeSelector);
        tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
    }

    /** Whether anything of the VM outlives its guest: variables and TPM state. */
    public boolean keepsState() {
        return firmware.layout() != FirmwareLayout.Stateless;
    }

    /** The emulated screen that the guest gets: none by default with a passed-through device, VNC otherwise. */
    public GraphicsType effectiveGraphics() {
        if (graphics != null) {
            return graphics.type();
        }
        return devices.isEmpty() ? GraphicsType.VNC : GraphicsType.None;
    }
}
