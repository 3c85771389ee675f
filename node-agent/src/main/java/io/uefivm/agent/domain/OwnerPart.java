package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** Whose domain it is, for {@link DomainMetadata#parse}. */
final class OwnerPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        return List.of(Fragment.of(Place.HEAD, element("metadata").with(DomainMetadata.element(input.owner()))));
    }
}
