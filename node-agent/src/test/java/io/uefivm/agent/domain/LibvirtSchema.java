package io.uefivm.agent.domain;

import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.ValidationDriver;
import io.uefivm.agent.Debian13;
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

/** The RELAX NG schema of domains that comes with a libvirt. It knows what libvirt itself would silently ignore. */
final class LibvirtSchema {
    private static final String SCHEMA = "usr/share/libvirt/schemas/domain.rng";

    private final Path file;
    private final ValidationDriver driver;
    private final List<String> complaints;

    private LibvirtSchema(Path file, ValidationDriver driver, List<String> complaints) {
        this.file = file;
        this.driver = driver;
        this.complaints = complaints;
    }

    /** That of the machine, and that of Debian 13. */
    static List<LibvirtSchema> all() {
        Path own = Path.of("/", SCHEMA);
        if (!Files.exists(own)) {
            throw new AssertionError(own + " is missing; it comes with: apt-get install libvirt-daemon-system");
        }
        return List.of(load(own), load(Debian13.file("libvirt-common-13/" + SCHEMA)));
    }

    private static LibvirtSchema load(Path file) {
        var complaints = new ArrayList<String>();
        var properties = new PropertyMapBuilder();
        properties.put(ValidateProperty.ERROR_HANDLER, new Collector(complaints));
        var driver = new ValidationDriver(properties.toPropertyMap());
        try {
            if (!driver.loadSchema(ValidationDriver.uriOrFileInputSource(file.toString()))) {
                throw new AssertionError(file + " cannot be read: " + complaints);
            }
        } catch (IOException | SAXException e) {
            throw new AssertionError(file + " cannot be read", e);
        }
        return new LibvirtSchema(file, driver, complaints);
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

    @Override
    public String toString() {
        return file.toString();
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
