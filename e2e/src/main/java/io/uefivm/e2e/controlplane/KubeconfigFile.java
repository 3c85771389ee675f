package io.uefivm.e2e.controlplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** A kubeconfig of our own in a temporary directory that only this user can read. */
record KubeconfigFile(Path path) implements AutoCloseable {

    /** For a server that needs no credentials. */
    static KubeconfigFile forAddress(URI server) {
        return containing("""
                apiVersion: v1
                kind: Config
                clusters:
                - name: uefivm
                  cluster:
                    server: %s
                users:
                - name: uefivm
                  user: {}
                contexts:
                - name: uefivm
                  context:
                    cluster: uefivm
                    user: uefivm
                    namespace: default
                current-context: uefivm
                """.formatted(server));
    }

    static KubeconfigFile containing(String yaml) {
        try {
            Path directory = Files.createTempDirectory("uefivm-kubeconfig");
            Path file = Files.writeString(directory.resolve("config"), yaml);
            // For a process that is interrupted before it closes; what is registered last goes first.
            directory.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            return new KubeconfigFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Directories.delete(path.getParent());
    }
}
