package io.uefivm.agent.domain;

import java.io.StringWriter;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes elements as indented text. The escaping is StAX's. */
final class ElementWriter {
    private static final String INDENT = "  ";

    private final XMLStreamWriter out;

    private ElementWriter(XMLStreamWriter out) {
        this.out = out;
    }

    /** The element as text that ends with a line feed, without an XML declaration. */
    static String write(Element root) {
        var text = new StringWriter();
        try {
            XMLStreamWriter out = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            new ElementWriter(out).write(root, 0);
            out.writeEndDocument();
            out.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing XML to memory failed", e);
        }
        return text + "\n";
    }

    private void write(Element element, int depth) throws XMLStreamException {
        boolean empty = element.children().isEmpty() && element.text().isEmpty();
        if (empty) {
            out.writeEmptyElement(element.name());
        } else {
            out.writeStartElement(element.name());
        }
        for (Map.Entry<String, String> attribute : element.attributes().entrySet()) {
            out.writeAttribute(attribute.getKey(), attribute.getValue());
        }
        if (empty) {
            return;
        }
        out.writeCharacters(element.text());
        for (Element child : element.children()) {
            indent(depth + 1);
            write(child, depth + 1);
        }
        if (!element.children().isEmpty()) {
            indent(depth);
        }
        out.writeEndElement();
    }

    private void indent(int depth) throws XMLStreamException {
        out.writeCharacters("\n" + INDENT.repeat(depth));
    }
}
