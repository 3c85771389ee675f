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

/** The RELAX NG schema of domains that comes with a libvirt. It knows what libvirt itself would silently ignore. */
final class LibvirtSchema {
    private static final String DIRECTORY = "usr/share/libvirt/schemas";

    private final Path directory;
    private final ValidationDriver driver;
    private final List<String> complaints;

    private LibvirtSchema(Path directory, ValidationDriver driver, List<String> complaints) {
        this.directory = directory;
        this.driver = driver;
        this.complaints = complaints;
    }

    /** That of the machine, and that of Debian 13. */
    static List<LibvirtSchema> all() {
        return List.of(
                load(Path.of("/"), "it comes with: apt-get install libvirt-daemon-system"),
                load(cache().resolve("libvirt-common-13"), "get it with: e2e/debian-13.sh"));
    }

    private static Path cache() {
        String cache = System.getenv("UEFIVM_CACHE");
        return cache != null ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache", "uefivm");
    }

    private static LibvirtSchema load(Path root, String remedy) {
        Path directory = root.resolve(DIRECTORY);
        Path file = directory.resolve("domain.rng");
        if (!Files.exists(file)) {
            throw new AssertionError(file + " is missing; " + remedy);
        }
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
        return new LibvirtSchema(directory, driver, complaints);
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
        return directory.toString();
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
