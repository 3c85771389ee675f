package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.domain.DomainInput;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.agent.domain.Loader;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodHomeTest {
    private static final UUID VM = UUID.fromString("5f0e4b7c-0000-4000-8000-000000000001");
    private static final String SLICE = "/kubepods.slice/kubepods-podp1.slice";

    @TempDir
    private Path host;

    private final FakeHypervisor hypervisor =
            new FakeHypervisor(new HypervisorFacts("9.0.0", "7.2.0", List.of("pc-q35-7.2")), InstantSource.system());
    private PodHome home;

    @BeforeEach
    void host() throws IOException {
        Path cgroups = Files.createDirectories(host.resolve("sys/fs/cgroup"));
        Files.writeString(cgroups.resolve("cgroup.controllers"), "cpu memory\n");
        home = new PodHome(host, hypervisor);
    }

    private static DomainInput domain(Accelerator accelerator) {
        return new DomainInput(
                new DomainOwner("lab", "web", VM.toString(), 1, "p1"),
                new Identity(VM.toString(), List.of(), List.of()),
                Serialization.unmarshal("memory: {size: 1Gi}", UefiVirtualMachineSpec.class),
                accelerator,
                "pc-q35-7.2",
                new Loader("/code.fd", "/vars.fd", true),
                Optional.of("/state/vars.fd"),
                Map.of(),
                Map.of(),
                "/state/console.log");
    }

    private String started() throws HypervisorException {
        return hypervisor.describe(VM).orElseThrow();
    }

    @Test
    void aDomainStartsInTheSliceOfItsPod() throws Exception {
        Files.createDirectories(host.resolve("sys/fs/cgroup" + SLICE));

        home.start(domain(Accelerator.KVM));

        assertThat(started()).contains("<partition>" + SLICE + "</partition>");
    }

    @Test
    void aPodWithoutACgroupKeepsNothingFromRunning() throws Exception {
        home.start(domain(Accelerator.KVM));

        assertThat(started()).doesNotContain("<partition>");
    }

    @Test
    void anEmulatorIsTooBigForItsPod() throws Exception {
        Files.createDirectories(host.resolve("sys/fs/cgroup" + SLICE));

        home.start(domain(Accelerator.TCG));

        assertThat(started()).doesNotContain("<partition>");
    }

    @Test
    void aPartitionThatLibvirtRefusesIsNotInsistedOn() throws Exception {
        Files.createDirectories(host.resolve("sys/fs/cgroup" + SLICE));
        hypervisor.refuseNextStart("Unit kubepods-podp1.slice not found");

        home.start(domain(Accelerator.KVM));

        assertThat(started()).doesNotContain("<partition>");
    }

    @Test
    void nothingIsTriedAgainWhenNobodyKnowsWhatBecameOfTheStart() throws Exception {
        Files.createDirectories(host.resolve("sys/fs/cgroup" + SLICE));
        hypervisor.disconnect();

        assertThatThrownBy(() -> home.start(domain(Accelerator.KVM)))
                .isInstanceOfSatisfying(
                        HypervisorException.class,
                        e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.UNAVAILABLE));
    }
}
