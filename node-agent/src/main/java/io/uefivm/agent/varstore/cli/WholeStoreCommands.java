package io.uefivm.agent.varstore.cli;

import io.uefivm.agent.nvram.OpenedGeneration;
import io.uefivm.agent.varstore.Conversion;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands that make another store out of a store; they never replace the one they read. */
final class WholeStoreCommands {
    private WholeStoreCommands() {}

    /** One file to read, one to write. */
    abstract static class Remake extends ReadCommands.OfFile {
        @Option(
                names = {"-o", "--output"},
                required = true,
                paramLabel = "FILE",
                description = "Where the new store is written.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path output;

        Path output() {
            return output;
        }
    }

    @Command(name = "convert", description = "Moves the variables to the layout of another firmware build.")
    static final class Convert extends Remake {
        @Option(names = "--to", defaultValue = "M4", description = "M2 or M4 (default).")
        private StoreSize to = StoreSize.M4;

        @Override
        int run() throws IOException {
            Conversion conversion = Conversion.of(store(), to);
            StoreFile.write(output(), conversion.store().toBytes());
            if (json()) {
                printJson(StoreJson.conversion(conversion));
            } else {
                out().println(conversion.store().variables().size() + " variables moved");
                for (Variable variable : conversion.leftOut()) {
                    out().println("left out, no room: "
                            + VariableText.printable(variable.key().toString()) + ", "
                            + variable.data().length() + " bytes");
                }
            }
            return 0;
        }
    }

    @Command(
            name = "repair",
            description = {
                "Saves the whole variables of a damaged store.",
                "Look at the result before a machine starts with it: keys may be missing."
            })
    static final class Repair extends Remake {
        @Override
        int run() throws IOException {
            io.uefivm.agent.varstore.Repair repair = io.uefivm.agent.varstore.Repair.of(StoreFile.read(file()));
            StoreFile.write(output(), repair.store().toBytes());
            if (json()) {
                printJson(StoreJson.repair(repair));
            } else {
                repair.notes().forEach(note -> out().println(VariableText.printable(note)));
                out().println(repair.store().variables().size() + " variables saved");
            }
            return 0;
        }
    }

    @Command(
            name = "extract",
            description = "Writes the files of a generation: manifest.json, vars.fd and those of the TPM.")
    static final class Extract extends ReadCommands.OfFile {
        @Option(
                names = {"-o", "--output"},
                required = true,
                paramLabel = "DIRECTORY",
                description = "Where the files are written; it must not exist.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path output;

        @Override
        int run() throws IOException {
            OpenedGeneration generation = OpenedGeneration.of(StoreFile.read(file()))
                    .orElseThrow(() -> new IllegalArgumentException(file() + " is no generation"));
            if (Files.exists(output)) {
                throw new IllegalArgumentException(output + " exists already");
            }
            for (Map.Entry<String, byte[]> file : generation.files().entrySet()) {
                Path target = output.resolve(file.getKey());
                Files.createDirectories(target.getParent());
                StoreFile.write(target, file.getValue());
            }
            if (json()) {
                printJson(generation.generation());
            } else {
                generation.files().keySet().forEach(file -> out().println(output.resolve(file)));
            }
            return 0;
        }
    }
}
