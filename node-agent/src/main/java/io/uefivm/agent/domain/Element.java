package io.uefivm.agent.domain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An XML element: either text or children, never both, which is all that domain XML has.
 *
 * @param attributes in the order in which they are written
 * @param text empty when there are children or nothing
 */
record Element(String name, Map<String, String> attributes, List<Element> children, String text) {
    Element {
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
        children = List.copyOf(children);
        if (!children.isEmpty() && !text.isEmpty()) {
            throw new IllegalArgumentException(name + " cannot have both text and children");
        }
    }

    /** An element with nothing but a name. */
    static Element element(String name) {
        return new Element(name, Map.of(), List.of(), "");
    }

    /** This element with one more attribute. */
    Element attribute(String attribute, Object value) {
        var more = new LinkedHashMap<>(attributes);
        more.put(attribute, value.toString());
        return new Element(name, more, children, text);
    }

    /** This element with that text. */
    Element text(Object value) {
        return new Element(name, attributes, children, value.toString());
    }

    /** This element with more children. */
    Element with(Element... more) {
        return with(Arrays.asList(more));
    }

    /** This element with more children. */
    Element with(List<Element> more) {
        var all = new ArrayList<>(children);
        all.addAll(more);
        return new Element(name, attributes, all, text);
    }
}
