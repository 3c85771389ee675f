package io.uefivm.e2e.samples;

import static org.assertj.core.api.Assertions.fail;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** The folder {@code samples/}. */
final class Samples {
    static final Path DIRECTORY = Path.of("../samples").toAbsolutePath().normalize();
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private Samples() {}

    /** Every manifest that {@code kubectl apply -f} takes as it is. */
    static List<Path> files() {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<HasMetadata> read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<HasMetadata> parse(String documents) {
        Object parsed = SERIALIZATION.unmarshal(documents);
        return parsed instanceof Collection<?> many
                ? many.stream().map(HasMetadata.class::cast).toList()
                : List.of((HasMetadata) parsed);
    }

    /** The virtual machines among {@code objects}, as operator and agent read them. */
    static List<UefiVirtualMachine> machines(List<HasMetadata> objects) {
        return objects.stream()
                .filter(o -> o.getKind().equals("UefiVirtualMachine"))
                .map(o -> SERIALIZATION.unmarshal(SERIALIZATION.asYaml(o), UefiVirtualMachine.class))
                .toList();
    }

    static GenericKubernetesResource generic(HasMetadata object) {
        return SERIALIZATION.unmarshal(SERIALIZATION.asYaml(object), GenericKubernetesResource.class);
    }

    /**
     * Standard output of a program; the test fails when the program does, or when it is not there.
     *
     * @param debianPackage what to install to have it
     */
    static String run(String debianPackage, List<String> command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException missing) {
            return fail(command.get(0) + " is missing: apt-get install -y --no-install-recommends " + debianPackage);
        }
        process.getOutputStream().close();
        try (InputStream out = process.getInputStream();
                InputStream err = process.getErrorStream()) {
            String output = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            String errors = new String(err.readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? output : fail(command + " failed: " + errors);
        }
    }
}
