package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class GraphicsPartTest extends PartTest {
    GraphicsPartTest() {
        super(new GraphicsPart());
    }

    @Test
    void isReachableFromTheHostOnly() {
        assertThatPartOf("", Accelerator.KVM)
                .contains(
                        "<graphics type=\"vnc\" autoport=\"yes\">",
                        "<listen type=\"address\" address=\"127.0.0.1\"/>",
                        "<model type=\"bochs\"/>",
                        "<input type=\"tablet\" bus=\"usb\">");
    }

    @Test
    void leavesNothingEmulatedWithoutAScreen() {
        assertThatPartOf("graphics: {type: None}", Accelerator.KVM)
                .contains("<model type=\"none\"/>")
                .doesNotContain("vnc", "tablet");
    }

    @Test
    void leavesTheScreenToAPassedThroughDevice() {
        assertThatPartOf(SampleVms.gpuWorkstation()).contains("<model type=\"none\"/>");
    }
}
