package io.uefivm.e2e.quickstart;

import io.uefivm.api.v1alpha1.Certificate;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.controlplane.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a person wants to know once the VM runs, and what to try next. */
final class Summary {
    private static final Duration SOON = Duration.ofDays(365);
    private static final Pattern COMMON_NAME = Pattern.compile("CN=([^,]+)");

    private final StringBuilder text = new StringBuilder();

    private Summary() {}

    /**
     * Writes it.
     *
     * @param logs the files where each program's log is
     */
    static String of(UefiVirtualMachine vm, Result result, ControlPlane controlPlane, List<Path> logs, Instant now) {
        var summary = new Summary();
        summary.facts(vm, result, now);
        summary.next(vm.getMetadata().getName(), controlPlane);
        summary.text.append("\n  Logs\n");
        logs.forEach(log -> summary.text.append("    ").append(log).append('\n'));
        return summary.text.toString();
    }

    private void facts(UefiVirtualMachine vm, Result result, Instant now) {
        UefiVirtualMachineStatus status = vm.getStatus();
        text.append("\n  %s is %s\n\n"
                .formatted(vm.getMetadata().getName(), result.ready() ? "Ready" : String.valueOf(status.phase())));
        fact("node", status.nodeName());
        if (status.domain() != null) {
            fact(
                    "domain",
                    "%s, %s".formatted(status.domain().name(), status.domain().accelerator()));
        }
        fact("machine", status.machineType());
        FirmwareStatus firmware = status.firmware();
        if (firmware != null) {
            fact("firmware", firmware.description());
            fact(
                    "Secure Boot",
                    "%s (variable store); %s (the guest's kernel)"
                            .formatted(firmware.secureBoot(), result.guestSaysSecureBoot()));
            fact("certificates", certificates(firmware.certificates(), now));
        }
        NvramStatus nvram = status.nvram();
        if (nvram != null) {
            fact("NVRAM", "generation %s in claim %s".formatted(nvram.generation(), nvram.claimName()));
            fact("", "sha256 " + nvram.sha256());
            fact("boot entries", bootEntries(nvram));
        }
        fact(
                "time",
                "%.1f s from create to the running domain, %.1f s to the guest's own report"
                        .formatted(result.secondsToDomain(), result.secondsToGuest()));
    }

    private void fact(String name, @Nullable String value) {
        if (value != null) {
            text.append("    %-13s  %s\n".formatted(name, value.replace("\n", "\n" + " ".repeat(19))));
        }
    }

    private static String certificates(List<Certificate> all, Instant now) {
        String soon = all.stream()
                .filter(c -> Instant.parse(c.notAfter()).isBefore(now.plus(SOON)))
                .map(c -> "\n%s: %s, %s %s"
                        .formatted(
                                c.variable(),
                                commonName(c.subject()),
                                Instant.parse(c.notAfter()).isBefore(now) ? "expired on" : "expires on",
                                c.notAfter().substring(0, 10)))
                .collect(Collectors.joining());
        return "%d enrolled; %s"
                .formatted(
                        all.size(),
                        soon.isEmpty() ? "none expires within a year" : "expired or to expire within a year:" + soon);
    }

    private static String commonName(String subject) {
        Matcher name = COMMON_NAME.matcher(subject);
        return name.find() ? name.group(1) : subject;
    }

    private static String bootEntries(NvramStatus nvram) {
        if (nvram.bootOrder().isEmpty()) {
            return "none in this generation; the guest's own are committed when it stops";
        }
        return nvram.bootOrder().stream()
                .map(entry -> "Boot%s %s".formatted(entry.number(), entry.description()))
                .collect(Collectors.joining("\n"));
    }

    private void next(String name, ControlPlane controlPlane) {
        String kubectl = "    kubectl --kubeconfig " + controlPlane.kubeconfig() + " ";
        text.append("\n  Try next\n")
                .append(kubectl)
                .append("get uvm\n")
                .append(kubectl)
                .append("get uvm -o wide\n")
                .append(kubectl)
                .append("describe uvm ")
                .append(name)
                .append('\n');
        if (controlPlane.kind() != ControlPlane.Kind.EMBEDDED) {
            text.append(kubectl).append("explain uvm.spec.firmware\n");
        }
        text.append(kubectl)
                .append("wait --for=condition=Ready uvm/")
                .append(name)
                .append('\n')
                .append(kubectl)
                .append("delete uvm ")
                .append(name)
                .append('\n');
    }
}
