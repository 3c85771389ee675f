package io.uefivm.agent.domain;

import io.uefivm.agent.domain.DiskSource.BlockDisk;
import io.uefivm.agent.domain.DiskSource.FileDisk;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskFormat;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * A CD-ROM drive of a running domain, as libvirt describes it. libvirt changes its medium when it is given the same
 * description with another source, and refuses any other difference; so what libvirt said is kept to the letter.
 */
public final class CdromDrive {
    private final Element disk;

    private CdromDrive(Element disk) {
        this.disk = disk;
    }

    /**
     * The drives of a domain.
     *
     * @param domainXml as libvirt gives it of a running domain
     * @throws IllegalArgumentException when it is no XML
     */
    public static List<CdromDrive> of(String domainXml) {
        NodeList disks = parse(domainXml).getElementsByTagName("disk");
        List<CdromDrive> drives = new ArrayList<>();
        for (int i = 0; i < disks.getLength(); i++) {
            if (disks.item(i) instanceof Element disk
                    && disk.getAttribute("device").equals("cdrom")) {
                drives.add(new CdromDrive(disk));
            }
        }
        return drives;
    }

    /** Whether it was made of that disk of a spec, however the disks around it have changed since. */
    public boolean isOf(Disk spec) {
        Element serial = child("serial");
        return serial != null && serial.getTextContent().equals(DiskSerial.of(spec.name()));
    }

    /** Path of the medium that is in it. An ejected one leaves a source without a path behind. */
    public Optional<String> medium() {
        Element source = child("source");
        return Optional.ofNullable(source)
                .map(one -> one.getAttribute(one.hasAttribute("dev") ? "dev" : "file"))
                .filter(path -> !path.isEmpty());
    }

    /** The description of this drive with that medium in it, for libvirt's update of a device. */
    public String with(DiskSource medium, DiskFormat format) {
        Element changed = (Element) disk.cloneNode(true);
        remove(changed, "source");
        remove(changed, "backingStore");
        Element driver = child(changed, "driver");
        if (driver != null) {
            driver.setAttribute("type", format == DiskFormat.QCOW2 ? "qcow2" : "raw");
        }
        changed.setAttribute("type", medium instanceof BlockDisk ? "block" : "file");
        Document document = changed.getOwnerDocument();
        if (!(medium instanceof DiskSource.NoMedium)) {
            Element source = document.createElement("source");
            if (medium instanceof FileDisk file) {
                source.setAttribute("file", file.path());
            } else if (medium instanceof BlockDisk device) {
                source.setAttribute("dev", device.path());
            }
            changed.appendChild(source);
            if (format == DiskFormat.QCOW2) {
                changed.appendChild(document.createElement("backingStore"));
            }
        }
        return text(changed);
    }

    private @Nullable Element child(String name) {
        return child(disk, name);
    }

    private static @Nullable Element child(Element parent, String name) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                return element;
            }
        }
        return null;
    }

    private static void remove(Element parent, String name) {
        Element child = child(parent, name);
        if (child != null) {
            parent.removeChild(child);
        }
    }

    private static Document parse(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new IllegalArgumentException("not the XML of a domain: " + e.getMessage(), e);
        }
    }

    private static String text(Element element) {
        try {
            Transformer transformer = TransformerFactory.newInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            var text = new StringWriter();
            transformer.transform(new DOMSource(element), new StreamResult(text));
            return text.toString();
        } catch (TransformerException e) {
            throw new IllegalStateException("writing XML to memory failed", e);
        }
    }
}
