package io.uefivm.agent.vm;

import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.ResolvedControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;

/**
 * A controller that watches the VMs of one node only, by {@code status.nodeName}: the API server sends nothing of the
 * others. JOSDK takes field selectors from annotations alone, and the node's name is known only at run time.
 */
public final class NodeScope extends ResolvedControllerConfiguration<UefiVirtualMachine> {
    private final FieldSelector selector;

    /** The configuration of {@code base}, for one node. */
    public NodeScope(ControllerConfiguration<UefiVirtualMachine> base, String nodeName) {
        super(base);
        this.selector = new FieldSelectorBuilder()
                .withField("status.nodeName", nodeName)
                .build();
    }

    @Override
    public InformerConfiguration<UefiVirtualMachine> getInformerConfig() {
        return InformerConfiguration.builder(super.getInformerConfig())
                .withFieldSelector(selector)
                .buildForController();
    }
}
