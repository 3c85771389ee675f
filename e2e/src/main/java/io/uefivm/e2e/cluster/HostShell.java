package io.uefivm.e2e.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A host that commands can be run on: in its mount namespace, and in the pid namespace that its {@code /proc} shows. */
public interface HostShell {

    /**
     * Starts a command on the host.
     *
     * @return a process that ends when the command does, with its exit status (128 + n when signal n ended it)
     */
    Process start(String... command) throws IOException;

    /** Where this process finds a path of the host, the host's own mounts included. */
    Path outside(String pathInHost);

    /**
     * Runs a command to its end; for commands that print little.
     *
     * @return what it printed to its standard output
     * @throws IOException when it does not exit with 0; the message holds what it printed
     */
    default String run(String... command) throws IOException {
        Process process = start(command);
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(
                        "%s exited with %d: %s".formatted(List.of(command), code, (output + error).strip()));
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IOException("interrupted during " + List.of(command), e);
        }
    }
}
