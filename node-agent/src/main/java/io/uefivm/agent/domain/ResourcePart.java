package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** Where in the host's tree of control groups the domain runs. */
final class ResourcePart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        return input.share()
                .partition()
                .map(partition -> element("resource").with(element("partition").text(partition)))
                .map(resource -> List.of(Fragment.of(Place.HEAD, resource)))
                .orElse(List.of());
    }
}
