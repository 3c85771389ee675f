package io.uefivm.agent.varstore.cli;

import io.uefivm.agent.varstore.Conversion;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableText;
import java.io.IOException;
import java.nio.file.Path;
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
        public Integer call() throws IOException {
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
        public Integer call() throws IOException {
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
}
