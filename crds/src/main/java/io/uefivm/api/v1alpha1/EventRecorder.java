package io.uefivm.api.v1alpha1;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what happened to an object as Kubernetes Events, one per transition: callers do not repeat themselves in a
 * reconcile that changes nothing. An event that cannot be written is logged and forgotten; nothing depends on events.
 */
public final class EventRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    /** The API server refuses longer notes. */
    private static final int MAX_NOTE = 1024;

    private final KubernetesClient client;
    private final String controller;
    private final String instance;
    private final Clock clock;
    private final AtomicLong count = new AtomicLong();

    /**
     * A recorder.
     *
     * @param controller who speaks, for example {@code uefivm.io/agent}
     * @param instance which of them, for example the node's name
     */
    public EventRecorder(KubernetesClient client, String controller, String instance, Clock clock) {
        this.client = client;
        this.controller = controller;
        this.instance = instance;
        this.clock = clock;
    }

    /** Something that a user expects. */
    public void normal(HasMetadata about, Reason reason, String note) {
        record("Normal", about, reason, note);
    }

    /** Something that a user should look at. */
    public void warning(HasMetadata about, Reason reason, String note) {
        record("Warning", about, reason, note);
    }

    private void record(String type, HasMetadata about, Reason reason, String note) {
        String namespace = about.getMetadata().getNamespace() == null
                ? "default"
                : about.getMetadata().getNamespace();
        Event event = new EventBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(about.getMetadata().getName() + "."
                        + Long.toHexString(clock.millis() * 1000 + count.getAndIncrement() % 1000))
                .endMetadata()
                .withEventTime(new MicroTime(MICROSECONDS.format(clock.instant())))
                .withType(type)
                .withReason(reason.name())
                .withAction(reason.name())
                .withNote(note.length() > MAX_NOTE ? note.substring(0, MAX_NOTE) : note)
                .withReportingController(controller)
                .withReportingInstance(instance)
                .withNewRegarding()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(about.getMetadata().getNamespace())
                .withName(about.getMetadata().getName())
                .withUid(about.getMetadata().getUid())
                .endRegarding()
                .build();
        try {
            client.resource(event).inNamespace(namespace).create();
        } catch (KubernetesClientException e) {
            LOG.warn(
                    "event not written namespace={} name={} reason={}: {}",
                    namespace,
                    about.getMetadata().getName(),
                    reason,
                    e.getMessage());
        }
    }
}
