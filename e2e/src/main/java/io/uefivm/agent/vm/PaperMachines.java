package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.domain.DomainInput;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.agent.domain.DomainXml;
import io.uefivm.agent.domain.Loader;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;

/**
 * Machines without volumes, NVRAM and TPM, for thousands of VMs on one real computer: the domain's XML is rendered and
 * started, and the status is as long as a real one. It is in this package because a {@code VmStatus} is made nowhere else.
 */
@NullMarked
public class PaperMachines implements Machines {
    /** What these machines say that they boot with. */
    public static final String MACHINE_TYPE = "pc-q35-7.2";

    public static final String CODE_DIGEST = "sha256:" + "c".repeat(64);
    public static final String VARS_DIGEST = "sha256:" + "d".repeat(64);
    public static final String FIRMWARE = "Firmware on paper, with SMM and keys";

    private final Hypervisor hypervisor;
    private final Set<String> present = ConcurrentHashMap.newKeySet();

    public PaperMachines(Hypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    @Override
    public VmStatus start(UefiVirtualMachine vm, Pod pod, VmStatus status) throws HypervisorException {
        UefiVirtualMachineStatus now = Objects.requireNonNull(vm.getStatus());
        String uid = vm.getMetadata().getUid();
        var owner = new DomainOwner(
                vm.getMetadata().getNamespace(),
                vm.getMetadata().getName(),
                uid,
                Objects.requireNonNull(now.epoch()),
                pod.getMetadata().getUid());
        hypervisor.start(DomainXml.render(new DomainInput(
                owner,
                Objects.requireNonNull(now.identity()),
                vm.getSpec(),
                Accelerator.TCG,
                MACHINE_TYPE,
                new Loader("/paper/code.fd", "/paper/vars.fd", true),
                Optional.of("/paper/" + uid + "/vars.fd"),
                Map.of(),
                Map.of(),
                "/paper/" + uid + "/console.log")));
        present.add(uid);
        return look(vm, Optional.of(pod), status);
    }

    @Override
    public VmStatus look(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
        return status.withMachine(
                        MACHINE_TYPE,
                        new FirmwareStatus(
                                FIRMWARE, CODE_DIGEST, VARS_DIGEST, null, SecureBootState.Enforcing, List.of(), null))
                .withNvram(nvram(vm));
    }

    private static NvramStatus nvram(UefiVirtualMachine vm) {
        return new NvramStatus(
                vm.getMetadata().getName(),
                0L,
                "e".repeat(64),
                12,
                16_384L,
                245_000L,
                List.of(),
                "2000-01-01T00:00:00Z",
                null,
                List.of(),
                null);
    }

    @Override
    public VmStatus takeBack(UefiVirtualMachine vm, VmStatus status) {
        return status;
    }

    @Override
    public VmStatus commit(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
        return status;
    }

    @Override
    public VmStatus observe(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
        return status;
    }

    @Override
    public MediaChange changeMedia(UefiVirtualMachine vm, Pod pod, UUID domain) {
        return MediaChange.NONE;
    }

    @Override
    public void onStoreNews(Consumer<String> vmUid) {
        // There is no store that could say anything.
    }

    @Override
    public void release(String vmUid, Optional<Pod> pod) {
        present.remove(vmUid);
    }

    @Override
    public void erase(String vmUid, Pod pod) {}

    @Override
    public Set<String> present() {
        return Set.copyOf(present);
    }

    @Override
    public Optional<String> bootRefusal(String vmUid) {
        return Optional.empty();
    }
}
