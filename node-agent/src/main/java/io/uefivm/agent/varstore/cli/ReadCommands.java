package io.uefivm.agent.varstore.cli;

import io.uefivm.agent.nvram.Generation;
import io.uefivm.agent.nvram.OpenedGeneration;
import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.StoreDiff;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import io.uefivm.agent.varstore.VariableText;
import io.uefivm.agent.varstore.VarstoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that change nothing. */
final class ReadCommands {
    private ReadCommands() {}

    /** What they have in common. */
    abstract static class Base implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        PrintWriter out() {
            return spec.commandLine().getOut();
        }

        boolean json() {
            return json;
        }

        abstract int run() throws IOException;

        /** What cannot be done is said in one line, whichever command this one is part of. */
        @Override
        public final Integer call() {
            try {
                return run();
            } catch (NoSuchFileException missing) {
                refuse("There is no file " + missing.getFile());
            } catch (VarstoreException | IOException | UncheckedIOException | IllegalArgumentException e) {
                refuse(e.getMessage());
            }
            return NvramCommand.REFUSED;
        }

        private void refuse(@Nullable String why) {
            spec.commandLine().getErr().println(why);
        }

        /** The store as the firmware will find it at its next start, whatever it was doing when it was stopped. */
        static VarStore read(Path file) throws IOException {
            byte[] bytes = StoreFile.read(file);
            return parse(bytes, OpenedGeneration.of(bytes));
        }

        static VarStore parse(byte[] bytes, Optional<OpenedGeneration> generation) {
            return VarStore.parseAbandoningPendingWrite(
                    generation.map(OpenedGeneration::vars).orElse(bytes));
        }

        void printJson(Object value) {
            out().println(StoreJson.write(value));
        }
    }

    /** One file. */
    abstract static class OfFile extends Base {
        @Parameters(index = "0", paramLabel = "FILE", description = "A variable store, or a generation of one.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path file;

        Path file() {
            return file;
        }

        VarStore store() throws IOException {
            return read(file);
        }
    }

    @Command(name = "show", description = "Shows the whole store: Secure Boot, keys, boot entries, space, variables.")
    static final class Show extends OfFile {
        private final Clock clock;

        Show(Clock clock) {
            this.clock = clock;
        }

        @Override
        int run() throws IOException {
            byte[] bytes = StoreFile.read(file());
            Optional<OpenedGeneration> opened = OpenedGeneration.of(bytes);
            Optional<Generation> generation = opened.map(OpenedGeneration::generation);
            VarStore store = parse(bytes, opened);
            if (json()) {
                Map<String, Object> json = StoreJson.store(store);
                generation.ifPresent(value -> json.put("generation", value));
                printJson(json);
            } else {
                new StoreReport(out(), Ansi.AUTO, clock.instant()).show(file().toString(), generation, store);
            }
            return 0;
        }
    }

    @Command(name = "keys", description = "Shows the certificates and hashes of PK, KEK, db and dbx.")
    static final class Keys extends OfFile {
        private final Clock clock;

        Keys(Clock clock) {
            this.clock = clock;
        }

        @Override
        int run() throws IOException {
            SecureBootView view = SecureBootView.of(store());
            if (json()) {
                printJson(StoreJson.keys(view));
            } else {
                new StoreReport(out(), Ansi.AUTO, clock.instant()).keys(view);
            }
            return 0;
        }
    }

    @Command(name = "get", description = "Shows one variable.")
    static final class Get extends OfFile {
        private static final int ROW = 16;

        @Parameters(index = "1", paramLabel = "NAME", description = "Its name, or name-guid if several have the name.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String name;

        @Override
        int run() throws IOException {
            VarStore store = store();
            VariableKey key = VariableNames.resolve(store, name);
            Variable variable = store.find(key)
                    .orElseThrow(() -> new IllegalArgumentException("There is no variable " + key + " in " + file()));
            if (json()) {
                printJson(StoreJson.variable(variable));
                return 0;
            }
            out().println(VariableText.printable(key.toString()));
            out().println("attributes " + Attributes.describe(variable.attributes()));
            out().println("time       " + variable.timestamp());
            out().println("says       " + VariableText.of(variable));
            hexDump(variable.data());
            return 0;
        }

        private void hexDump(Bytes data) {
            for (int at = 0; at < data.length(); at += ROW) {
                Bytes row = data.slice(at, Math.min(data.length(), at + ROW));
                StringBuilder hex = new StringBuilder();
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < row.length(); i++) {
                    hex.append(String.format("%02x ", row.u8(i)));
                    text.append(row.u8(i) >= 0x20 && row.u8(i) < 0x7f ? (char) row.u8(i) : '.');
                }
                out().println(String.format("  %04x  %-48s %s", at, hex, text));
            }
        }
    }

    @Command(name = "diff", description = "Shows how the variables of two stores differ; exit code 1 if they do.")
    static final class Diff extends Base {
        @Parameters(index = "0", paramLabel = "BEFORE")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path before;

        @Parameters(index = "1", paramLabel = "AFTER")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path after;

        @Override
        int run() throws IOException {
            StoreDiff diff = StoreDiff.of(read(before), read(after));
            if (json()) {
                printJson(StoreJson.diff(diff));
            } else {
                print(diff);
            }
            return diff.isEmpty() ? 0 : 1;
        }

        private void print(StoreDiff diff) {
            diff.removed().forEach(variable -> line("-", variable));
            diff.added().forEach(variable -> line("+", variable));
            diff.changed().forEach(change -> {
                line("-", change.before());
                line("+", change.after());
                if (!change.ofData()) {
                    out().println("    only attributes, time or counters differ");
                }
            });
        }

        private void line(String sign, Variable variable) {
            out().println(sign + " " + VariableText.printable(variable.key().toString()) + " "
                    + Attributes.describe(variable.attributes()) + " " + variable.timestamp() + "  "
                    + VariableText.of(variable));
        }
    }
}
