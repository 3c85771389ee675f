package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ElementWriterTest {
    @Test
    void indentsChildrenAndNothingElse() {
        var root = element("a")
                .with(element("b").attribute("x", 1).with(element("c").text("text")), element("d"));

        assertThat(ElementWriter.write(root)).isEqualTo("""
                        <a>
                          <b x="1">
                            <c>text</c>
                          </b>
                          <d/>
                        </a>
                        """);
    }

    @Test
    void letsNoValueBecomeMarkup() {
        var hostile = "\"/><qemu:arg value='x'/>&";

        assertThat(ElementWriter.write(element("a").attribute("x", hostile)))
                .isEqualTo("<a x=\"&quot;/&gt;&lt;qemu:arg value='x'/&gt;&amp;\"/>\n");
        assertThat(ElementWriter.write(element("a").text(hostile)))
                .isEqualTo("<a>\"/&gt;&lt;qemu:arg value='x'/&gt;&amp;</a>\n");
    }

    @Test
    void hasTextOrChildren() {
        var parent = element("a").with(element("b"));

        assertThatThrownBy(() -> parent.text("both")).isInstanceOf(IllegalArgumentException.class);
    }
}
