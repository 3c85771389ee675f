package io.uefivm.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.uefivm.api.v1alpha1.MicrosoftCa;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class OperatorMetricsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
    private static final String VM = """
            apiVersion: uefivm.io/v1alpha1
            kind: UefiVirtualMachine
            metadata: {name: %s, namespace: ns}
            spec: {memory: {size: 1Gi}}
            status: %s
            """;

    private final List<UefiVirtualMachine> vms = new ArrayList<>();
    private final List<UefiHost> hosts = new ArrayList<>();
    private final AtomicBoolean leading = new AtomicBoolean(true);
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    OperatorMetricsTest() {
        OperatorMetrics metrics = new OperatorMetrics(registry, leading::get, Clock.fixed(NOW, ZoneOffset.UTC));
        metrics.showMachines(vms::stream);
        metrics.showHosts(hosts::stream);
    }

    private void vm(String name, String status) {
        vms.add(Serialization.unmarshal(VM.formatted(name, status), UefiVirtualMachine.class));
    }

    private List<String> scrape() {
        return registry.scrape().lines().filter(line -> !line.startsWith("#")).toList();
    }

    private static String certificate(String variable, String subject, String sha256, String notAfter) {
        return "{variable: %s, subject: '%s', sha256: %s, notAfter: '%s'}"
                .formatted(variable, subject, sha256, notAfter);
    }

    @Test
    void aVmThatNobodyHasLookedAtIsNotReady() {
        vms.add(Serialization.unmarshal(VM.formatted("new", "null"), UefiVirtualMachine.class));
        assertThat(scrape())
                .contains("uefivm_vm_ready{name=\"new\",namespace=\"ns\"} 0.0", "uefivm_vms{phase=\"Running\"} 0.0")
                .noneMatch(line -> line.startsWith("uefivm_vm_nvram"))
                .noneMatch(line -> line.startsWith("uefivm_vm_lacks"));
    }

    @Test
    void conditionsAndSizesAreShown() {
        vm("web", """
                {phase: Running,
                 firmware: {secureBoot: SetupMode},
                 nvram: {bytesUsed: 100, bytesFree: 200,
                         bootOrder: [{number: "0003", description: debian}, {number: "0000", description: Setup}]},
                 conditions: [{type: Ready, status: "True", reason: Running},
                              {type: RestartRequired, status: "True", reason: SpecChanged},
                              {type: FirmwareAsDeclared, status: "False", reason: KeysDrifted}]}""");
        vm("db", "{phase: Running, conditions: [{type: FirmwareAsDeclared, status: Unknown, reason: Pending}]}");
        assertThat(scrape())
                .contains(
                        "uefivm_vms{phase=\"Running\"} 2.0",
                        "uefivm_vm_ready{name=\"web\",namespace=\"ns\"} 1.0",
                        "uefivm_vm_restart_required{name=\"web\",namespace=\"ns\"} 1.0",
                        "uefivm_vm_restart_required{name=\"db\",namespace=\"ns\"} 0.0",
                        "uefivm_vm_firmware_as_declared{name=\"web\",namespace=\"ns\",reason=\"KeysDrifted\"} 0.0",
                        "uefivm_vm_secure_boot_state{name=\"web\",namespace=\"ns\",state=\"SetupMode\"} 1.0",
                        "uefivm_vm_nvram_used_bytes{name=\"web\",namespace=\"ns\"} 100.0",
                        "uefivm_vm_nvram_free_bytes{name=\"web\",namespace=\"ns\"} 200.0",
                        "uefivm_vm_boots_first{entry=\"debian\",name=\"web\",namespace=\"ns\"} 1.0")
                .noneMatch(line -> line.contains("entry=\"Setup\""))
                .noneMatch(line -> line.startsWith("uefivm_vm_firmware_as_declared{name=\"db\""));
    }

    @Test
    void theNextCertificateToRunOutIsNamedAndThoseThatHaveAreCounted() {
        vm(
                "web",
                "{firmware: {certificates: ["
                        + String.join(
                                ", ",
                                certificate("db", "CN=Old", "aa", "2026-01-01T00:00:00Z"),
                                certificate("db", "CN=Late", "bb", "2040-01-01T00:00:00Z"),
                                certificate("KEK", "CN=Next", "cc", "2027-01-01T00:00:00Z"),
                                certificate("PK", "CN=Own", "dd", "2026-12-01T00:00:00Z"),
                                certificate("db", "CN=Odd", "ee", "never"))
                        + "]}}");
        assertThat(scrape())
                .contains(
                        "uefivm_vm_certificate_expiry_timestamp_seconds{name=\"web\",namespace=\"ns\",subject=\"CN=Next\","
                                + "variable=\"KEK\"} 1.7987616E9",
                        "uefivm_vm_certificates_expired{name=\"web\",namespace=\"ns\"} 1.0",
                        "uefivm_vm_lacks_microsoft_2023{name=\"web\",namespace=\"ns\",variable=\"db\"} 0.0");
    }

    @Test
    void aVariableWithAnOldCaAndWithoutItsSuccessorIsShown() {
        vm(
                "old",
                "{firmware: {certificates: ["
                        + String.join(
                                ", ", of(MicrosoftCa.KEK_2011), of(MicrosoftCa.UEFI_2011), of(MicrosoftCa.WINDOWS_2023))
                        + "]}}");
        vm(
                "new",
                "{firmware: {certificates: ["
                        + String.join(
                                ", ",
                                of(MicrosoftCa.KEK_2011),
                                of(MicrosoftCa.KEK_2023),
                                of(MicrosoftCa.UEFI_2011),
                                of(MicrosoftCa.UEFI_2023))
                        + "]}}");
        assertThat(scrape())
                .contains(
                        "uefivm_vm_lacks_microsoft_2023{name=\"old\",namespace=\"ns\",variable=\"KEK\"} 1.0",
                        "uefivm_vm_lacks_microsoft_2023{name=\"old\",namespace=\"ns\",variable=\"db\"} 1.0",
                        "uefivm_vm_lacks_microsoft_2023{name=\"new\",namespace=\"ns\",variable=\"KEK\"} 0.0",
                        "uefivm_vm_lacks_microsoft_2023{name=\"new\",namespace=\"ns\",variable=\"db\"} 0.0");
    }

    private static String of(MicrosoftCa ca) {
        return certificate(ca.variable(), "CN=" + ca, ca.sha256(), "2026-06-24T20:51:29Z");
    }

    @Test
    void hostsAreShownWithTheReason() {
        hosts.add(Serialization.unmarshal("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiHost
                metadata: {name: n1}
                status: {conditions: [{type: Ready, status: Unknown, reason: AgentUnavailable}]}
                """, UefiHost.class));
        assertThat(scrape()).contains("uefivm_host_ready{host=\"n1\",reason=\"AgentUnavailable\"} 0.0");
    }

    @Test
    void whatIsGoneIsNotShownAndAReplicaThatWaitsShowsNothing() {
        vm("web", "{phase: Running}");
        assertThat(scrape()).anyMatch(line -> line.contains("name=\"web\""));
        leading.set(false);
        assertThat(scrape()).isEmpty();
        leading.set(true);
        vms.clear();
        assertThat(scrape()).isNotEmpty().noneMatch(line -> line.contains("name=\"web\""));
    }
}
