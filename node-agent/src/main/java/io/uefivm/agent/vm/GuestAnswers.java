package io.uefivm.agent.vm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.uefivm.api.v1alpha1.GuestInterface;
import io.uefivm.api.v1alpha1.GuestStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a guest agent answers (docs/interop/qemu-ga-ref of QEMU), cut to what a status may hold: the guest is not trusted,
 * neither with lengths nor with numbers nor with characters.
 */
final class GuestAnswers {
    static final String HOST_NAME = "guest-get-host-name";
    static final String OS = "guest-get-osinfo";
    static final String INTERFACES = "guest-network-get-interfaces";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_TEXT = 253;
    private static final int MOST_INTERFACES = 16;
    private static final int MOST_ADDRESSES = 16;

    private GuestAnswers() {}

    /** The command as the agent reads it. */
    static String command(String name) {
        return "{\"execute\": \"" + name + "\"}";
    }

    /**
     * What the answers say.
     *
     * @param hostname answer to {@link #HOST_NAME}; empty when there was none, as for the others
     */
    static GuestStatus status(Optional<String> hostname, Optional<String> os, Optional<String> interfaces) {
        JsonNode system = read(os);
        String name = text(system.path("pretty-name"));
        return new GuestStatus(
                true,
                text(read(hostname).path("host-name")),
                name == null ? text(system.path("name")) : name,
                interfaces(read(interfaces)));
    }

    private static JsonNode read(Optional<String> answer) {
        try {
            return JSON.readTree(answer.orElse("{}")).path("return");
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }

    private static List<GuestInterface> interfaces(JsonNode answer) {
        List<GuestInterface> interfaces = new ArrayList<>();
        for (JsonNode one : answer) {
            List<String> addresses = new ArrayList<>();
            boolean loopback = false;
            for (JsonNode address : one.path("ip-addresses")) {
                String ip = text(address.path("ip-address"));
                loopback |= ip != null && (ip.startsWith("127.") || ip.equals("::1"));
                if (ip != null && addresses.size() < MOST_ADDRESSES) {
                    addresses.add(ip + "/" + address.path("prefix").asInt());
                }
            }
            if (!loopback && !"lo".equals(text(one.path("name"))) && interfaces.size() < MOST_INTERFACES) {
                interfaces.add(
                        new GuestInterface(text(one.path("name")), text(one.path("hardware-address")), addresses));
            }
        }
        interfaces.sort(Comparator.comparing(i -> String.valueOf(i.name())));
        return interfaces;
    }

    private static @Nullable String text(JsonNode node) {
        if (!node.isTextual()) {
            return null;
        }
        String clean = node.asText().replaceAll("\\p{Cntrl}", " ").strip();
        return clean.isEmpty() ? null : clean.substring(0, Math.min(clean.length(), MOST_TEXT));
    }
}
