package io.uefivm.agent.hypervisor.fake;

import io.uefivm.agent.domain.DomainMetadata;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.agent.hypervisor.HypervisorException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** What a domain's XML says of its identity. */
record DomainText(UUID uuid, String name, Optional<DomainOwner> owner) {

    /**
     * Reads it.
     *
     * @throws HypervisorException REFUSED when the text is no domain XML with name and UUID
     */
    static DomainText read(String xml) throws HypervisorException {
        try {
            Map<String, String> texts = texts(xml);
            String name = texts.get("name");
            String uuid = texts.get("uuid");
            if (name == null || uuid == null) {
                throw refused("a domain needs a name and a uuid", null);
            }
            return new DomainText(UUID.fromString(uuid), name, DomainMetadata.parse(xml));
        } catch (XMLStreamException | IllegalArgumentException e) {
            throw refused("(domain_definition): " + e.getMessage(), e);
        }
    }

    private static HypervisorException refused(String message, @Nullable Throwable cause) {
        return new HypervisorException(HypervisorException.Kind.REFUSED, message, cause);
    }

    /** The texts of the elements right below {@code domain}. */
    private static Map<String, String> texts(String xml) throws XMLStreamException {
        var texts = new HashMap<String, String>();
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(xml));
        int depth = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamReader.START_ELEMENT -> {
                    depth++;
                    String element = reader.getLocalName();
                    if (depth == 1 && !element.equals("domain")) {
                        throw new IllegalArgumentException("not a domain: " + element);
                    }
                    if (depth == 2 && (element.equals("name") || element.equals("uuid"))) {
                        texts.put(element, reader.getElementText());
                        depth--;
                    }
                }
                case XMLStreamReader.END_ELEMENT -> depth--;
                default -> {}
            }
        }
        return texts;
    }
}
