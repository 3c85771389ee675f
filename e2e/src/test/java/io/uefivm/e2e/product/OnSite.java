package io.uefivm.e2e.product;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.controlplane.ApiWrite;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.controlplane.WriteCounter;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A site for the tests of one class, and words for what they do and see. */
abstract class OnSite {
    static final String NAMESPACE = "default";
    /** A step of the product on a busy machine of two cores. */
    static final Duration STEP = Duration.ofMinutes(3);
    /** A boot under emulation on such a machine. */
    static final Duration BOOT = Duration.ofMinutes(6);

    @TempDir
    static Path work;

    static ControlPlane controlPlane;
    static WriteCounter writes;
    static Site site;
    static Story story;

    @BeforeAll
    static void bringUp() {
        controlPlane = ControlPlane.start();
        writes = WriteCounter.before(controlPlane);
        site = Site.start(controlPlane, Path.of("").toAbsolutePath().getParent(), work, writes.kubeconfig());
        story = new Story(controlPlane.client());
        site.startOperator();
    }

    @AfterAll
    static void takeDown() {
        try (var plane = controlPlane;
                var counter = writes;
                var told = story;
                var all = site) {
            // Closed in the opposite order, each even when another fails.
        }
    }

    static KvmHost hostUp(String name) {
        KvmHost host = site.addHost(name);
        site.operator().awaitReady();
        host.agent().awaitReady();
        return host;
    }

    /** Creates a VM with a disk of its own that holds the image. */
    static UefiVirtualMachine create(String name, Path image, String spec) {
        site.disk(NAMESPACE, name, image);
        return create(name, "{name: root, persistentVolumeClaim: {claimName: " + name + "}}", spec);
    }

    /** Creates a VM; without a screen, for which two libvirts on one machine would compete for ports. */
    static UefiVirtualMachine create(String name, String disk, String spec) {
        var vm =
                Serialization.unmarshal("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {name: %s, namespace: %s}
                spec:
                  memory: {size: 512Mi}
                  graphics: {type: None}
                  disks: [%s]
                %s
                """.formatted(name, NAMESPACE, disk, spec.indent(2)), UefiVirtualMachine.class);
        return site.client().resource(vm).create();
    }

    static UefiVirtualMachine createSigned(String name, String spec) {
        return create(name, GuestImage.get().signed(), spec);
    }

    static Resource<UefiVirtualMachine> vm(String name) {
        return site.client()
                .resources(UefiVirtualMachine.class)
                .inNamespace(NAMESPACE)
                .withName(name);
    }

    static UefiVirtualMachineStatus status(String name) {
        UefiVirtualMachineStatus status = vm(name).get().getStatus();
        return status == null ? UefiVirtualMachineStatus.EMPTY : status;
    }

    /** Changes a field of the spec, as its user would. */
    static void patchSpec(String name, String json) {
        vm(name).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": " + json + "}");
    }

    /** Waits for a status; the failure shows what it was instead. */
    static UefiVirtualMachineStatus await(String name, String what, Predicate<UefiVirtualMachineStatus> condition) {
        try {
            return Awaitility.await(name + ": " + what)
                    .atMost(STEP)
                    .pollInterval(Duration.ofMillis(250))
                    .until(() -> status(name), condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    e.getMessage() + "\n" + Serialization.asYaml(status(name)) + "\n" + story.of(name) + "\noperator:\n"
                            + site.operator().logEnd(),
                    e);
        }
    }

    static UefiVirtualMachineStatus awaitReady(String name, long epoch) {
        return await(
                name,
                "Ready in epoch " + epoch,
                s -> s.epoch() != null && s.epoch() == epoch && is(s, ConditionType.Ready, "True"));
    }

    static UefiVirtualMachineStatus awaitStalled(String name, Reason reason) {
        return await(
                name,
                "Stalled with " + reason,
                s -> is(s, ConditionType.Stalled, "True") && has(s, ConditionType.Stalled, reason));
    }

    static boolean is(UefiVirtualMachineStatus status, ConditionType type, String value) {
        return status.condition(type).map(c -> value.equals(c.getStatus())).orElse(false);
    }

    static boolean has(UefiVirtualMachineStatus status, ConditionType type, Reason reason) {
        return status.condition(type)
                .map(c -> reason.name().equals(c.getReason()))
                .orElse(false);
    }

    static String message(UefiVirtualMachineStatus status, ConditionType type) {
        return status.condition(type).map(Condition::getMessage).orElse("(no condition " + type + ")");
    }

    /** Waits until the guest says for the n-th time in this log that it is up. */
    static Matcher guestUp(KvmHost host, String name, int from) {
        return GuestConsole.await(host.consoleLog(vm(name).get()), GuestConsole.READY, from, BOOT);
    }

    /** What the writes were and what came of them, for the failure of a test that counts them. */
    static String writesAndStory(String name) {
        return writes.table() + "\n" + story.of(name);
    }

    static int consoleLength(KvmHost host, String name) {
        return GuestConsole.read(host.consoleLog(vm(name).get())).length();
    }

    static Predicate<ApiWrite> toVm(String name) {
        return write -> write.resource().startsWith("uefivirtualmachines") && name.equals(write.name());
    }

    static List<String> eventReasons(String name) {
        return events(name).stream().map(Event::getReason).toList();
    }

    static List<Event> events(String name) {
        return site.client().events().v1().events().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(event -> Optional.ofNullable(event.getRegarding())
                        .map(about -> name.equals(about.getName()))
                        .orElse(false))
                .toList();
    }

    /** The domains of VMs on a host; after each connection to libvirt the agent tries the accelerator with one more. */
    static List<String> domains(KvmHost host) {
        return host.libvirt().domains().stream()
                .filter(name -> !name.startsWith("uefivm-probe"))
                .toList();
    }

    /** Has the guest run a command that it does not survive, a moment after it has answered. */
    static void leave(GuestConsole console, String command) {
        console.run("{ (sleep 2; " + command + ") >/dev/null 2>&1 & }");
    }
}
