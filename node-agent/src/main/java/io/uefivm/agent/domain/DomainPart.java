package io.uefivm.agent.domain;

import java.util.List;

/** One family of what a domain is made of. Parts know nothing of one another. */
@FunctionalInterface
interface DomainPart {
    /**
     * What this family contributes; empty if the VM has nothing of it.
     *
     * @throws UnsupportedSpecException when libvirt cannot do what the spec asks for
     */
    List<Fragment> render(DomainInput input);
}
