package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.SampleVms.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractStringAssert;

/** What the tests of the parts have in common: the text that a part makes of a spec. */
abstract class PartTest {
    private final DomainPart part;

    PartTest(DomainPart part) {
        this.part = part;
    }

    final List<Fragment> render(DomainInput input) {
        return part.render(input);
    }

    /** The fragments of all places, one after the other. */
    final AbstractStringAssert<?> assertThatPartOf(DomainInput input) {
        return assertThat(render(input).stream()
                .map(fragment -> ElementWriter.write(fragment.element()))
                .collect(Collectors.joining()));
    }

    /** The same for a small VM with one more line of spec. */
    final AbstractStringAssert<?> assertThatPartOf(String specLine, Accelerator accelerator) {
        return assertThatPartOf(small(specLine, accelerator));
    }

    static DomainInput small(String specLine, Accelerator accelerator) {
        return vm("memory: {size: 1Gi}\n" + specLine, accelerator);
    }

    /** The root ports that are taken, in the order of the fragments. */
    final List<Integer> ports(DomainInput input) {
        return render(input).stream()
                .map(Fragment::port)
                .filter(port -> port > 0)
                .toList();
    }
}
