package io.uefivm.e2e.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Commands of this machine, run to their end. */
final class Commands {
    private Commands() {}

    /**
     * Runs one.
     *
     * @return what it printed, standard error included
     * @throws IOException with the output when it does not exit with 0
     */
    static String run(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        // What is read from apt is read in English.
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(String.join(" ", command) + " exited with " + code + ":\n" + output);
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IOException("interrupted during " + command, e);
        }
    }
}
