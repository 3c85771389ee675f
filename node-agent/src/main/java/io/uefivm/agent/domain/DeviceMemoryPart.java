package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * Room for the memory of passed-through devices, where it is more than what libvirt and OVMF provide for by themselves:
 * in the limit of locked memory, and above 4 GiB in the guest's address space.
 */
final class DeviceMemoryPart implements DomainPart {
    private static final String QEMU = "http://libvirt.org/schemas/domain/qemu/1.0";
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    /** What libvirt adds to the guest's memory for devices when it computes the limit (qemuDomainGetMemLockLimitBytes). */
    private static final long LIBVIRTS_ALLOWANCE = GIB;

    /** OVMF's window unless the guest's physical address width makes it larger (edk2, OvmfPkg/RUNTIME_CONFIG.md). */
    private static final long OVMFS_WINDOW = 32 * GIB;

    @Override
    public List<Fragment> render(DomainInput input) {
        var fragments = new ArrayList<Fragment>();
        long memory = input.devices().values().stream()
                .flatMap(device -> device.bars().stream())
                .mapToLong(Bar::bytes)
                .sum();
        if (memory > LIBVIRTS_ALLOWANCE) {
            long limit = input.spec().memory().bytes() + LIBVIRTS_ALLOWANCE + memory;
            fragments.add(Fragment.of(
                    Place.HEAD,
                    element("memtune")
                            .with(element("hard_limit").attribute("unit", "KiB").text((limit + KIB - 1) / KIB))));
        }
        long window = window(input);
        if (window > OVMFS_WINDOW) {
            fragments.add(Fragment.of(Place.OVERRIDES, windowOf(window)));
        }
        return fragments;
    }

    /** The window lies aligned to its own size, and each root port's part of it to the largest BAR behind that port. */
    private static long window(DomainInput input) {
        long total = input.devices().values().stream()
                .mapToLong(DeviceMemoryPart::behindOnePort)
                .sum();
        long highest = Long.highestOneBit(total);
        return total == highest ? total : highest << 1;
    }

    private static long behindOnePort(HostDevice device) {
        List<Long> wide =
                device.bars().stream().filter(Bar::wide).map(Bar::bytes).toList();
        long largest = wide.stream().mapToLong(Long::longValue).max().orElse(1);
        long sum = wide.stream().mapToLong(Long::longValue).sum();
        return (sum + largest - 1) / largest * largest;
    }

    /** libvirt refuses names below opt/ovmf/ in its own element for this (qemu_validate.c), so QEMU is told directly. */
    private static Element windowOf(long bytes) {
        return element("qemu:commandline")
                .attribute("xmlns:qemu", QEMU)
                .with(
                        element("qemu:arg").attribute("value", "-fw_cfg"),
                        element("qemu:arg").attribute("value", "name=opt/ovmf/X-PciMmio64Mb,string=" + bytes / MIB));
    }
}
