package io.uefivm.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A UEFI virtual machine. Namespaced; {@code status} is a subresource that operator and node agent share by field. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("uvm")
@AdditionalSelectableField(jsonPath = ".status.nodeName")
@AdditionalPrinterColumn(name = "Status", jsonPath = ".status.phase", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Node", jsonPath = ".status.nodeName", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Secure-Boot",
        jsonPath = ".status.firmware.secureBoot",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "NVRAM-Gen",
        jsonPath = ".status.nvram.generation",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "IP",
        jsonPath = ".status.guest.interfaces[0].addresses[0]",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Firmware",
        jsonPath = ".status.firmware.description",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Machine",
        jsonPath = ".status.machineType",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "UUID",
        jsonPath = ".status.identity.uuid",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
public class UefiVirtualMachine extends CustomResource<UefiVirtualMachineSpec, UefiVirtualMachineStatus>
        implements Namespaced {
    private static final long serialVersionUID = 1L;
}
