package io.uefivm.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * What one KVM host can do, named as its Node. Cluster-scoped and without a spec: the operator creates it, the node
 * agent fills its status, the operator turns that into Node labels.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("uhost")
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Accelerator",
        jsonPath = ".status.virtualization.accelerator",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "SMM",
        jsonPath = ".status.virtualization.smm",
        type = AdditionalPrinterColumn.Type.BOOLEAN)
@AdditionalPrinterColumn(
        name = "Libvirt",
        jsonPath = ".status.virtualization.libvirt",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "QEMU",
        jsonPath = ".status.virtualization.qemu",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class UefiHost extends CustomResource<Void, UefiHostStatus> {
    private static final long serialVersionUID = 1L;
}
