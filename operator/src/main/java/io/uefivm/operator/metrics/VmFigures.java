package io.uefivm.operator.metrics;

import io.fabric8.kubernetes.api.model.Condition;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.uefivm.api.v1alpha1.Certificate;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.MicrosoftCa;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a fleet owner wants to know of every VM. A VM has at most 13 series, whatever is in its store; they go with it,
 * because they are made anew from what exists.
 */
final class VmFigures {
    static final String VMS = "uefivm_vms";
    static final String READY = "uefivm_vm_ready";
    static final String RESTART = "uefivm_vm_restart_required";
    static final String SECURE_BOOT = "uefivm_vm_secure_boot_state";
    static final String AS_DECLARED = "uefivm_vm_firmware_as_declared";
    static final String EXPIRY = "uefivm_vm_certificate_expiry_timestamp_seconds";
    static final String EXPIRED = "uefivm_vm_certificates_expired";
    static final String LACKS_2023 = "uefivm_vm_lacks_microsoft_2023";
    static final String NVRAM_USED = "uefivm_vm_nvram_used_bytes";
    static final String NVRAM_FREE = "uefivm_vm_nvram_free_bytes";
    static final String BOOTS_FIRST = "uefivm_vm_boots_first";

    /** Where a certificate is looked for when something is to start: PK and dbx are not. */
    private static final List<String> TRUSTING = List.of("KEK", "db");

    private final Figures figures = new Figures()
            .gauge(VMS, "Virtual machines by phase.")
            .gauge(READY, "1 if the VM is as its spec asks (condition Ready is True).")
            .gauge(RESTART, "1 if something in the VM's spec waits for its next cold start.")
            .gauge(SECURE_BOOT, "1 for the state of Secure Boot by the VM's variable store.")
            .gauge(AS_DECLARED, "1 if keys and variables in the VM's store are those that its spec declares.")
            .gauge(EXPIRY, "When the next certificate in the VM's KEK or db runs out, in seconds since 1970.")
            .gauge(EXPIRED, "Certificates in the VM's KEK and db that have run out.")
            .gauge(LACKS_2023, "1 if the variable trusts a Microsoft CA of 2011 and not its successor of 2023.")
            .gauge(NVRAM_USED, "Bytes that live variables take in the VM's store.")
            .gauge(NVRAM_FREE, "Bytes that new variables can take before the VM's firmware reclaims space.")
            .gauge(BOOTS_FIRST, "1 for the entry that is first in the VM's boot order.");

    private final Map<Phase, Integer> phases = new EnumMap<>(Phase.class);
    private final Instant now;

    private VmFigures(Instant now) {
        this.now = now;
    }

    /** The figures of these VMs at a moment. */
    static MetricSnapshots of(Stream<UefiVirtualMachine> vms, Instant now) {
        VmFigures figures = new VmFigures(now);
        vms.forEach(figures::add);
        for (Phase phase : Phase.values()) {
            figures.figures.add(VMS, figures.phases.getOrDefault(phase, 0), "phase", phase.name());
        }
        return figures.figures.snapshots();
    }

    private void add(UefiVirtualMachine vm) {
        Identity id =
                new Identity(vm.getMetadata().getNamespace(), vm.getMetadata().getName());
        UefiVirtualMachineStatus status = vm.getStatus() == null ? UefiVirtualMachineStatus.EMPTY : vm.getStatus();
        if (status.phase() != null) {
            phases.merge(status.phase(), 1, Integer::sum);
        }
        figures.add(READY, is(status, ConditionType.Ready), id.labels());
        figures.add(RESTART, is(status, ConditionType.RestartRequired), id.labels());
        status.condition(ConditionType.FirmwareAsDeclared)
                .filter(condition -> !"Unknown".equals(condition.getStatus()))
                .ifPresent(condition -> figures.add(
                        AS_DECLARED, "True".equals(condition.getStatus()), id.and("reason", condition.getReason())));
        if (status.firmware() != null) {
            if (status.firmware().secureBoot() != null) {
                figures.add(
                        SECURE_BOOT,
                        1,
                        id.and("state", status.firmware().secureBoot().name()));
            }
            addCertificates(id, status.firmware().certificates());
        }
        if (status.nvram() != null) {
            addSizes(id, status.nvram());
        }
    }

    private static boolean is(UefiVirtualMachineStatus status, ConditionType type) {
        return status.condition(type)
                .map(Condition::getStatus)
                .filter("True"::equals)
                .isPresent();
    }

    private void addSizes(Identity id, NvramStatus nvram) {
        if (nvram.bytesUsed() != null) {
            figures.add(NVRAM_USED, nvram.bytesUsed(), id.labels());
        }
        if (nvram.bytesFree() != null) {
            figures.add(NVRAM_FREE, nvram.bytesFree(), id.labels());
        }
        nvram.bootOrder().stream()
                .findFirst()
                .ifPresent(entry -> figures.add(BOOTS_FIRST, 1, id.and("entry", entry.description())));
    }

    private void addCertificates(Identity id, List<Certificate> certificates) {
        List<Expiry> expiries = certificates.stream()
                .filter(certificate -> TRUSTING.contains(certificate.variable()))
                .flatMap(certificate -> Expiry.of(certificate).stream())
                .toList();
        if (expiries.isEmpty()) {
            return;
        }
        expiries.stream()
                .filter(expiry -> expiry.at().isAfter(now))
                .min(Comparator.comparing(Expiry::at)
                        .thenComparing(Expiry::variable)
                        .thenComparing(Expiry::subject))
                .ifPresent(next -> figures.add(
                        EXPIRY,
                        next.at().getEpochSecond(),
                        id.and("variable", next.variable(), "subject", next.subject())));
        long expired =
                expiries.stream().filter(expiry -> !expiry.at().isAfter(now)).count();
        figures.add(EXPIRED, expired, id.labels());
        for (String variable : TRUSTING) {
            Set<String> digests = certificates.stream()
                    .filter(certificate -> variable.equals(certificate.variable()))
                    .map(certificate -> certificate.sha256().toLowerCase(Locale.ROOT))
                    .collect(Collectors.toSet());
            figures.add(LACKS_2023, MicrosoftCa.lacksSuccessor(variable, digests), id.and("variable", variable));
        }
    }

    private record Identity(String namespace, String name) {
        String[] labels() {
            return and();
        }

        String[] and(String... more) {
            return Stream.concat(Stream.of("namespace", namespace, "name", name), Stream.of(more))
                    .toArray(String[]::new);
        }
    }

    private record Expiry(String variable, String subject, Instant at) {
        /** Empty when the time cannot be read: one VM's status must not spoil the scrape. */
        static Optional<Expiry> of(Certificate certificate) {
            try {
                return Optional.of(new Expiry(
                        certificate.variable(), certificate.subject(), Instant.parse(certificate.notAfter())));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }
    }
}
