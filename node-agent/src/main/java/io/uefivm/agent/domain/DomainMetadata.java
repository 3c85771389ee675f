package io.uefivm.agent.domain;

import java.io.StringReader;
import java.util.List;
import java.util.Optional;
import javax.xml.namespace.QName;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** The owner of a domain, as an element in the domain's metadata. */
public final class DomainMetadata {
    /** Namespace of the element; a change of its meaning gets another one. */
    public static final String NAMESPACE = "https://uefivm.io/domain/1";

    private static final QName OWNER = new QName(NAMESPACE, "owner");

    private DomainMetadata() {}

    static Element element(DomainOwner owner) {
        Element element = Element.element("uefivm:owner")
                .attribute("xmlns:uefivm", NAMESPACE)
                .attribute("namespace", owner.namespace())
                .attribute("name", owner.name())
                .attribute("uid", owner.vmUid())
                .attribute("epoch", owner.epoch())
                .attribute("pod", owner.podUid());
        return owner.devices().isEmpty() ? element : element.attribute("devices", String.join(" ", owner.devices()));
    }

    /**
     * Reads the owner from the XML of a domain, or from the metadata element alone.
     *
     * @return empty when the domain carries no owner or an incomplete one: it is not this product's
     * @throws IllegalArgumentException when the text is not well-formed XML or has a document type declaration, which
     *     libvirt never writes
     */
    public static Optional<DomainOwner> parse(String xml) {
        try {
            XMLStreamReader reader = reader(xml);
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamReader.DTD) {
                    throw new IllegalArgumentException("domain XML with a document type declaration is not read");
                }
                if (event == XMLStreamReader.START_ELEMENT && reader.getName().equals(OWNER)) {
                    return owner(reader);
                }
            }
            return Optional.empty();
        } catch (XMLStreamException e) {
            throw new IllegalArgumentException("the domain's XML cannot be read: " + e.getMessage(), e);
        }
    }

    /** Nothing but the text is read: no document type, so no entity of its own and none from outside. */
    private static XMLStreamReader reader(String xml) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        return factory.createXMLStreamReader(new StringReader(xml));
    }

    private static Optional<DomainOwner> owner(XMLStreamReader reader) {
        String namespace = attribute(reader, "namespace");
        String name = attribute(reader, "name");
        String uid = attribute(reader, "uid");
        String epoch = attribute(reader, "epoch");
        String pod = attribute(reader, "pod");
        if (namespace == null || name == null || uid == null || epoch == null || pod == null) {
            return Optional.empty();
        }
        try {
            String devices = attribute(reader, "devices");
            return Optional.of(new DomainOwner(
                    namespace,
                    name,
                    uid,
                    Long.parseLong(epoch),
                    pod,
                    devices == null ? List.of() : List.of(devices.split(" "))));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String attribute(XMLStreamReader reader, String name) {
        return reader.getAttributeValue(null, name);
    }
}
