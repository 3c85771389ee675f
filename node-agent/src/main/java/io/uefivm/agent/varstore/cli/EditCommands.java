package io.uefivm.agent.varstore.cli;

import io.uefivm.agent.nvram.OpenedGeneration;
import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that change variables. */
final class EditCommands {
    private EditCommands() {}

    /** One file that is replaced by a changed one, unless another is named. */
    abstract static class Edit extends ReadCommands.OfFile {
        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "Write the changed store here and leave FILE as it is.")
        private @Nullable Path output;

        abstract VarStore edit(VarStore store) throws IOException;

        @Override
        int run() throws IOException {
            if (output == null && OpenedGeneration.of(StoreFile.read(file())).isPresent()) {
                throw new IllegalArgumentException(
                        file() + " is a committed generation and stays as it is; name another file with -o");
            }
            VarStore store = edit(store());
            StoreFile.write(output == null ? file() : output, store.toBytes());
            if (json()) {
                printJson(StoreJson.store(store));
            }
            return 0;
        }
    }

    @Command(name = "set", description = "Sets one variable; one that exists keeps its attributes and time.")
    static final class Set extends Edit {
        @Parameters(index = "1", paramLabel = "NAME", description = "Its name, or name-guid.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String name;

        @ArgGroup(multiplicity = "1")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Value value;

        @Option(
                names = "--attributes",
                paramLabel = "BITS",
                description = "As a number, such as 0x7 (NV,BS,RT), which is the default of a new variable.")
        private @Nullable String attributes;

        /** Exactly one of these. */
        static final class Value {
            @Option(names = "--hex", required = true, description = "The data in hexadecimal.")
            private @Nullable String hex;

            @Option(names = "--text", required = true, description = "The data as ASCII text with a NUL.")
            private @Nullable String text;

            @Option(names = "--file", required = true, description = "The data from a file.")
            private @Nullable Path file;

            Bytes bytes() throws IOException {
                if (hex != null) {
                    return Bytes.ofHex(hex.replaceAll("\\s", ""));
                }
                if (text != null) {
                    return Bytes.copyOf((text + "\0").getBytes(StandardCharsets.US_ASCII));
                }
                return file == null ? Bytes.EMPTY : Bytes.copyOf(StoreFile.read(file));
            }
        }

        @Override
        VarStore edit(VarStore store) throws IOException {
            VariableKey key = VariableNames.resolve(store, name);
            Bytes data = value.bytes();
            Optional<Variable> existing = store.find(key);
            Variable variable = existing.map(before -> before.withData(data))
                    .orElseGet(() -> Variable.of(key, Attributes.BOOT_VARIABLE, data));
            if (attributes != null) {
                variable = new Variable(
                        key,
                        Integer.decode(attributes),
                        variable.monotonicCount(),
                        variable.timestamp(),
                        variable.publicKeyIndex(),
                        data);
            }
            return store.set(variable);
        }
    }

    @Command(name = "delete", description = "Deletes variables.")
    static final class Delete extends Edit {
        @Parameters(index = "1..*", arity = "1..*", paramLabel = "NAME", description = "Their names, or name-guid.")
        private List<String> names = new ArrayList<>();

        @Override
        VarStore edit(VarStore store) {
            VarStore edited = store;
            for (String name : names) {
                VariableKey key = VariableNames.resolve(edited, name);
                if (edited.find(key).isEmpty()) {
                    throw new IllegalArgumentException("There is no variable " + key);
                }
                edited = edited.delete(key);
            }
            return edited;
        }
    }

    @Command(name = "compact", description = "Writes the live variables afresh and drops what was deleted.")
    static final class Compact extends Edit {
        @Override
        VarStore edit(VarStore store) {
            return store.compact();
        }
    }

    @Command(name = "boot-order", description = "Shows the boot entries, or sets their order.")
    static final class BootOrder extends Edit {
        @Parameters(
                index = "1..*",
                arity = "0..*",
                paramLabel = "ENTRY",
                description = "Entries in their new order, as Boot0001 or 0001.")
        private List<String> entries = new ArrayList<>();

        @Option(names = "--next", paramLabel = "ENTRY", description = "The entry of the next start only.")
        private @Nullable String next;

        @Override
        int run() throws IOException {
            if (!entries.isEmpty() || next != null) {
                return super.run();
            }
            BootConfiguration boot = BootConfiguration.of(store());
            if (json()) {
                printJson(StoreJson.boot(boot));
            } else {
                new StoreReport(out(), Ansi.AUTO, Instant.EPOCH).boot(boot);
            }
            return 0;
        }

        @Override
        VarStore edit(VarStore store) {
            BootConfiguration boot = BootConfiguration.of(store);
            VarStore edited = store;
            if (!entries.isEmpty()) {
                edited = BootConfiguration.setOrder(
                        edited,
                        entries.stream().map(entry -> existing(boot, entry)).toList());
            }
            return next == null ? edited : BootConfiguration.setNext(edited, existing(boot, next));
        }

        private static int existing(BootConfiguration boot, String text) {
            String digits = text.startsWith("Boot") ? text.substring("Boot".length()) : text;
            int number = Integer.parseInt(digits, 16);
            if (boot.entries().stream().noneMatch(entry -> entry.number() == number)) {
                throw new IllegalArgumentException("There is no boot entry " + text);
            }
            return number;
        }
    }
}
