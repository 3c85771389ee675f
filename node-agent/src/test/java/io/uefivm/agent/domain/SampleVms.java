package io.uefivm.agent.domain;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.domain.DiskSource.BlockDisk;
import io.uefivm.agent.domain.DiskSource.FileDisk;
import io.uefivm.api.v1alpha1.DeviceSlots;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.MacAddress;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** VMs as a user writes them, and a host that resolved everything for them. */
final class SampleVms {
    static final Loader SECURE_BOOT =
            new Loader("/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd", true);
    static final Loader PLAIN = new Loader("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd", false);
    static final String STATE = "/var/lib/uefivm/11111111-2222-3333-4444-555555555555";

    private SampleVms() {}

    /** Every sample, by the name of its golden file. */
    static Map<String, DomainInput> all() {
        var samples = new TreeMap<String, DomainInput>();
        samples.put("minimal-linux", minimalLinux(Accelerator.TCG));
        samples.put("minimal-linux-kvm", minimalLinux(Accelerator.KVM));
        samples.put("linux-server", linuxServer());
        samples.put("windows-11", windows11(Accelerator.KVM));
        samples.put("windows-11-tcg", windows11(Accelerator.TCG));
        samples.put("gpu-workstation", gpuWorkstation());
        samples.put("every-bus", everyBus());
        samples.put("tuned-disks", tunedDisks());
        samples.put("watched", watched());
        samples.put("gpu-server", gpuServer());
        samples.put("secure-boot-disabled", secureBootDisabled());
        samples.put("combined", combined());
        samples.put("stateless", stateless());
        samples.put("dedicated", dedicated());
        samples.put("gpu-rom", gpuRom());
        return samples;
    }

    static DomainInput minimalLinux(Accelerator accelerator) {
        return vm("""
                memory: {size: 512Mi}
                disks:
                - {name: root, persistentVolumeClaim: {claimName: root}}
                """, accelerator);
    }

    static DomainInput linuxServer() {
        return vm("""
                cpu: {cores: 4, sockets: 2, threads: 2, model: Skylake-Server}
                memory: {size: 64Gi, hugepages: {pageSize: 1Gi}}
                firmware: {secureBoot: SetupMode}
                disks:
                - {name: root, persistentVolumeClaim: {claimName: root}}
                - {name: data, bus: scsi, persistentVolumeClaim: {claimName: data}}
                - {name: archive-of-the-last-ten-years, bus: scsi, readOnly: true, persistentVolumeClaim: {claimName: archive}}
                - {name: installer, cdrom: {bus: sata}, bootOrder: 1, persistentVolumeClaim: {claimName: iso}}
                - {name: stick, bus: usb, persistentVolumeClaim: {claimName: stick}}
                networks:
                - {name: lan, bridge: {name: br0}}
                - {name: storage, libvirtNetwork: {name: storage}}
                - {name: out, user: {}, model: e1000e, bootOrder: 2}
                graphics: {type: None}
                """, Accelerator.KVM, SECURE_BOOT, Map.of("data", new BlockDisk(STATE + "/disks/data")));
    }

    static DomainInput windows11(Accelerator accelerator) {
        return vm("""
                guestOS: Windows
                cpu: {cores: 4}
                memory: {size: 8Gi}
                disks:
                - {name: system, bus: sata, persistentVolumeClaim: {claimName: windows}}
                - {name: setup, cdrom: {bus: sata}, persistentVolumeClaim: {claimName: windows-iso}}
                - {name: drivers, cdrom: {bus: usb}, persistentVolumeClaim: {claimName: virtio-win}}
                networks:
                - {name: lan, bridge: {name: br0}, model: e1000e}
                """, accelerator);
    }

    static DomainInput gpuWorkstation() {
        return vm("""
                cpu: {cores: 8, model: host-passthrough}
                memory: {size: 32Gi}
                disks:
                - {name: root, persistentVolumeClaim: {claimName: root}}
                networks:
                - {name: lan, bridge: {name: br0}}
                devices:
                - {name: gpu, pci: {address: '0000:01:00'}}
                - {name: usb-card, pci: {address: '0000:03:00'}}
                """, Accelerator.KVM);
    }

    /** Every way to attach a disk, one of each, some of them qcow2 images. */
    static DomainInput everyBus() {
        return vm("""
                memory: {size: 1Gi}
                disks:
                - {name: root, bus: nvme, persistentVolumeClaim: {claimName: root}}
                - {name: virtio, bus: virtio, format: qcow2, persistentVolumeClaim: {claimName: virtio}}
                - {name: scsi, bus: scsi, persistentVolumeClaim: {claimName: scsi}}
                - {name: sata, bus: sata, format: qcow2, persistentVolumeClaim: {claimName: sata}}
                - {name: usb, bus: usb, persistentVolumeClaim: {claimName: usb}}
                - {name: dvd, cdrom: {bus: sata}, persistentVolumeClaim: {claimName: dvd}}
                - {name: scsi-dvd, cdrom: {bus: scsi}, persistentVolumeClaim: {claimName: dvd, file: debian-12.iso}}
                - {name: tray, cdrom: {ejected: true}, persistentVolumeClaim: {claimName: dvd}}
                - {name: usb-dvd, cdrom: {bus: usb}, persistentVolumeClaim: {claimName: usb-dvd}}
                - {name: seed, cloudInit: {userData: '#cloud-config'}}
                - {name: answers, answerFile: {xml: <unattend/>}}
                networks:
                - {name: lan, user: {}}
                """, Accelerator.TCG);
    }

    /** What can be said about how the host treats a disk. */
    static DomainInput tunedDisks() {
        return vm("""
                memory: {size: 1Gi}
                disks:
                - {name: root, cache: writethrough, discard: ignore, persistentVolumeClaim: {claimName: root}}
                - {name: log, ioThread: true, persistentVolumeClaim: {claimName: log}}
                - {name: tables, ioThread: true, cache: writeback, persistentVolumeClaim: {claimName: tables}}
                - {name: quorum, bus: scsi, shareable: true, persistentVolumeClaim: {claimName: quorum}}
                - {name: lookup, shareable: true, readOnly: true, persistentVolumeClaim: {claimName: lookup}}
                - {name: fast, bus: nvme, cache: none, persistentVolumeClaim: {claimName: fast}}
                """, Accelerator.TCG);
    }

    /** With a watchdog, and a socket to its host. */
    static DomainInput watched() {
        return vm("---\n{memory: {size: 1Gi}, watchdog: {action: poweroff}, vsock: {}}", Accelerator.TCG);
    }

    /** Two accelerators of 128 GiB each. */
    static DomainInput gpuServer() {
        return vm("""
                cpu: {cores: 16, model: host-passthrough}
                memory: {size: 64Gi, hugepages: {pageSize: 1Gi}}
                disks:
                - {name: root, persistentVolumeClaim: {claimName: root}}
                devices:
                - {name: gpu0, pci: {address: '0000:41:00'}}
                - {name: gpu1, pci: {address: '0000:42:00'}}
                """, Accelerator.KVM);
    }

    static DomainInput secureBootDisabled() {
        return vm("""
                memory: {size: 1Gi}
                firmware: {secureBoot: Disabled}
                tpm: {enabled: false}
                disks:
                - {name: root, persistentVolumeClaim: {claimName: root}}
                networks:
                - {name: out, user: {}}
                """, Accelerator.TCG, PLAIN, Map.of());
    }

    static DomainInput combined() {
        return vm("---\n{memory: {size: 1Gi}, firmware: {layout: Combined}}", Accelerator.TCG);
    }

    /** Two cores with two threads each, on the second socket of a host, in the slice of its pod. */
    static DomainInput dedicated() {
        return vm("""
                cpu: {cores: 2, threads: 2, dedicated: true}
                memory: {size: 4Gi, hugepages: {pageSize: 2Mi}}
                disks:
                - {name: root, persistentVolumeClaim: {claimName: root}}
                """, Accelerator.KVM)
                .within(new HostShare(
                        Optional.of("/kubepods/pod66666666_7777_8888_9999_000000000000"),
                        Optional.of(new Pinning(
                                List.of(24, 72, 25, 73), Optional.of(new Pinning.Memory(List.of(1), true))))));
    }

    /** A card with a ROM from a claim. */
    static DomainInput gpuRom() {
        DomainInput input = vm("""
                memory: {size: 8Gi}
                devices:
                - name: gpu
                  pci: {address: '0000:01:00'}
                  rom: {persistentVolumeClaim: {claimName: roms, file: card.rom}}
                """, Accelerator.KVM);
        return new DomainInput(
                input.owner(),
                input.identity(),
                input.spec(),
                input.accelerator(),
                input.machineType(),
                input.loader(),
                input.nvramPath(),
                input.disks(),
                Map.of("gpu", card("0000:01:00").withRom(STATE + "/roms/gpu.rom")),
                input.consoleLogPath());
    }

    static DomainInput stateless() {
        return vm(
                "---\n{memory: {size: 1Gi}, firmware: {layout: Stateless, secureBoot: Disabled}, tpm: {enabled: false}}",
                Accelerator.TCG,
                PLAIN,
                Map.of());
    }

    /** A VM with that spec, on a host that has an image for each of its disks and whole slots for its devices. */
    static DomainInput vm(String specYaml, Accelerator accelerator) {
        return vm(specYaml, accelerator, SECURE_BOOT, Map.of());
    }

    private static DomainInput vm(
            String specYaml, Accelerator accelerator, Loader loader, Map<String, DiskSource> blockDisks) {
        UefiVirtualMachineSpec spec = spec(specYaml);
        var disks = new TreeMap<String, DiskSource>();
        spec.disks()
                .forEach(disk -> disks.put(
                        disk.name(),
                        disk.ejected()
                                ? new DiskSource.NoMedium()
                                : new FileDisk(STATE + "/disks/" + disk.name() + "/" + disk.imageFile(), true)));
        disks.putAll(blockDisks);
        var devices = new TreeMap<String, HostDevice>();
        spec.devices()
                .forEach(device -> devices.put(
                        device.name(), card(Objects.requireNonNull(device.pci().address()))));
        var macAddresses = new ArrayList<MacAddress>();
        spec.networks()
                .forEach(network -> macAddresses.add(
                        new MacAddress(network.name(), String.format("52:54:00:00:00:%02x", macAddresses.size() + 1))));
        return new DomainInput(
                new DomainOwner(
                        "lab",
                        "sample",
                        "11111111-2222-3333-4444-555555555555",
                        7,
                        "66666666-7777-8888-9999-000000000000"),
                new Identity("5e5d3c2e-0c44-4fb0-9d0f-3f6f7e0a1b2c", macAddresses, DeviceSlots.of(List.of(), spec)),
                spec,
                accelerator,
                "pc-q35-7.2",
                loader,
                spec.keepsState() ? Optional.of(STATE + "/nvram/vars.fd") : Optional.empty(),
                disks,
                devices,
                STATE + "/console.log");
    }

    /** A card with two functions in that slot; beyond bus 40, one of 128 GiB. */
    static HostDevice card(String slot) {
        PciAddress first = PciAddress.parse(slot + ".0");
        if (first.bus() > 0x40) {
            return new HostDevice(
                    slot,
                    List.of(first),
                    false,
                    List.of(
                            new Bar(0, 16L << 20, false, false),
                            new Bar(1, 128L << 30, true, true),
                            new Bar(3, 32L << 20, true, true)));
        }
        return new HostDevice(
                slot,
                List.of(PciAddress.parse(slot + ".1"), PciAddress.parse(slot + ".0")),
                false,
                List.of(new Bar(0, 16L << 20, false, false), new Bar(1, 256L << 20, true, true)));
    }

    static UefiVirtualMachineSpec spec(String yaml) {
        return Serialization.unmarshal(yaml, UefiVirtualMachineSpec.class);
    }
}
