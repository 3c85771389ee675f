package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/**
 * The TPM. {@code persistent_state} is not about where state is kept, the agent sees to that: without it libvirt
 * deletes the state of a transient domain when it ends.
 */
final class TpmPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        if (!input.spec().tpm().enabled()) {
            return List.of();
        }
        var backend = element("backend")
                .attribute("type", "emulator")
                .attribute("version", "2.0")
                .attribute("persistent_state", "yes");
        return List.of(Fragment.of(
                Place.DEVICES, element("tpm").attribute("model", "tpm-crb").with(backend)));
    }
}
