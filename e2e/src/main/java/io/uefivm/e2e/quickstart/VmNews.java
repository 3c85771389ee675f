package io.uefivm.e2e.quickstart;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.product.KvmHost;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells once what is new about a VM: its conditions, its events, its console. */
final class VmNews {
    private final KubernetesClient client;
    private final KvmHost host;
    private final String namespace;
    private final String name;
    private final Progress progress;
    private final Map<String, String> conditions = new HashMap<>();
    private final Set<String> events = new HashSet<>();
    private @Nullable ConsoleTail console;
    private String uid = "";

    VmNews(KubernetesClient client, KvmHost host, String namespace, String name, Progress progress) {
        this.client = client;
        this.host = host;
        this.namespace = namespace;
        this.name = name;
        this.progress = progress;
    }

    /** Looks, tells what is new, and returns the VM; empty when there is none. */
    Optional<UefiVirtualMachine> tell() {
        UefiVirtualMachine vm = client.resources(UefiVirtualMachine.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (vm == null) {
            if (!uid.isEmpty()) {
                tellEvents();
                progress.say("vm", name + " is gone");
                uid = "";
            }
            return Optional.empty();
        }
        if (!uid.equals(vm.getMetadata().getUid())) {
            uid = vm.getMetadata().getUid();
            conditions.clear();
            console = new ConsoleTail(host.consoleLog(vm));
        }
        tellEvents();
        if (vm.getStatus() != null) {
            vm.getStatus().conditions().forEach(this::tell);
        }
        if (console != null) {
            console.news().forEach(line -> progress.say("guest", "| " + line));
        }
        return Optional.of(vm);
    }

    /** What the guest's kernel says about Secure Boot; empty until the guest is up. */
    Optional<String> guestSaysSecureBoot() {
        return Optional.ofNullable(console).flatMap(ConsoleTail::secureBoot);
    }

    private void tell(Condition condition) {
        String value = condition.getStatus() + " " + condition.getReason();
        if (value.equals(conditions.put(condition.getType(), value))) {
            return;
        }
        boolean eventful = !condition.getType().equals(ConditionType.Reconciling.name())
                && condition.getMessage() != null
                && !condition.getMessage().isBlank();
        progress.say(
                "condition",
                "%s=%s (%s)%s"
                        .formatted(
                                condition.getType(),
                                condition.getStatus(),
                                condition.getReason(),
                                eventful ? ": " + condition.getMessage() : ""));
    }

    private void tellEvents() {
        List<Event> all =
                client.events().v1().events().inNamespace(namespace).list().getItems();
        all.stream()
                .filter(event -> event.getRegarding() != null
                        && uid.equals(event.getRegarding().getUid()))
                .sorted(Comparator.comparing(event -> String.valueOf(event.getEventTime())))
                .filter(event -> events.add(event.getMetadata().getUid()))
                .forEach(event -> progress.say(
                        "event",
                        ("Warning".equals(event.getType()) ? "WARNING " : "") + event.getReason() + ": "
                                + event.getNote()));
    }
}
