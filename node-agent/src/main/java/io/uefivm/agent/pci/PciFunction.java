package io.uefivm.agent.pci;

import io.uefivm.agent.domain.Bar;
import io.uefivm.agent.domain.PciAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One PCI function as the kernel shows it.
 *
 * @param vendor four hexadecimal digits
 * @param device four hexadecimal digits
 * @param driver the driver that has it now
 * @param group its IOMMU group; null without an IOMMU
 * @param resetMethods how the kernel can reset it, in the order in which it tries
 * @param physicalFunction the card, of a virtual function of SR-IOV
 * @param virtualFunctions how many virtual functions it has now
 * @param bootDisplay the firmware drew on it
 * @param fault why it does not answer, empty when it does
 */
public record PciFunction(
        PciAddress address,
        String vendor,
        String device,
        PciClass pciClass,
        @Nullable String driver,
        @Nullable Integer group,
        List<Bar> bars,
        List<String> resetMethods,
        Optional<PciAddress> physicalFunction,
        int virtualFunctions,
        boolean bootDisplay,
        Optional<String> fault) {
    private static final String VFIO = "vfio-pci";

    public PciFunction {
        bars = List.copyOf(bars);
        resetMethods = List.copyOf(resetMethods);
    }

    /** Whether a driver of the host uses it, rather than none or the one that hands it to guests. */
    public boolean isDrivenByHost() {
        return driver != null && !VFIO.equals(driver);
    }

    /** For people: address, vendor:device, class, driver. */
    @Override
    public String toString() {
        return address + " " + vendor + ":" + device + " (" + pciClass + ", "
                + (driver == null ? "no driver" : "driver " + driver) + ")";
    }
}
