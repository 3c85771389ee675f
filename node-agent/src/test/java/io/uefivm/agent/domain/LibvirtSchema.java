package io.uefivm.agent.domain;

import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.ValidationDriver;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** The RELAX NG schema of domains that comes with libvirt. It knows what libvirt itself would silently ignore. */
final class LibvirtSchema {
    private static final Path FILE = Path.of("/usr/share/libvirt/schemas/domain.rng");

    private final ValidationDriver driver;
    private final List<String> complaints;

    private LibvirtSchema(ValidationDriver driver, List<String> complaints) {
        this.driver = driver;
        this.complaints = complaints;
    }

    static LibvirtSchema load() {
        if (!Files.exists(FILE)) {
            throw new AssertionError(FILE + " is missing; it is in the package libvirt0: apt-get install libvirt0");
        }
        var complaints = new ArrayList<String>();
        var properties = new PropertyMapBuilder();
        properties.put(ValidateProperty.ERROR_HANDLER, new Collector(complaints));
        var driver = new ValidationDriver(properties.toPropertyMap());
        try {
            if (!driver.loadSchema(ValidationDriver.uriOrFileInputSource(FILE.toString()))) {
                throw new AssertionError(FILE + " cannot be read: " + complaints);
            }
        } catch (IOException | SAXException e) {
            throw new AssertionError(FILE + " cannot be read", e);
        }
        return new LibvirtSchema(driver, complaints);
    }

    /** What the schema has against a domain, empty if nothing. */
    List<String> complaints(String xml) {
        complaints.clear();
        try {
            driver.validate(new InputSource(new StringReader(xml)));
        } catch (IOException | SAXException e) {
            throw new AssertionError("the domain cannot be read: " + xml, e);
        }
        return List.copyOf(complaints);
    }

    private record Collector(List<String> complaints) implements ErrorHandler {
        @Override
        public void warning(SAXParseException e) {
            complaints.add(e.getLineNumber() + ": " + e.getMessage());
        }

        @Override
        public void error(SAXParseException e) {
            complaints.add(e.getLineNumber() + ": " + e.getMessage());
        }

        @Override
        public void fatalError(SAXParseException e) {
            complaints.add(e.getLineNumber() + ": " + e.getMessage());
        }
    }
}
