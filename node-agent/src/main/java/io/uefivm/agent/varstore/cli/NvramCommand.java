package io.uefivm.agent.varstore.cli;

import io.uefivm.agent.varstore.VarstoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The command {@code nvram}: looks into variable stores and changes them, while no machine runs with them.
 *
 * <p>Exit codes: 0 done, 1 the stores of {@code diff} differ, 2 refused, with the reason on standard error.
 */
@Command(
        name = "nvram",
        description = "Reads and changes UEFI variable stores (OVMF_VARS files) of machines that are switched off.",
        subcommands = {
            ReadCommands.Show.class,
            ReadCommands.Get.class,
            ReadCommands.Keys.class,
            ReadCommands.Diff.class,
            EditCommands.Set.class,
            EditCommands.Delete.class,
            EditCommands.BootOrder.class,
            EditCommands.Compact.class,
            KeyCommands.Enroll.class,
            WholeStoreCommands.Convert.class,
            WholeStoreCommands.Repair.class
        })
public final class NvramCommand {
    private static final int REFUSED = 2;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Shows this help.")
    private boolean help;

    private NvramCommand() {}

    /** The command, to be run by itself or as part of another. */
    public static CommandLine commandLine(Clock clock) {
        return new CommandLine(new NvramCommand(), new Factory(clock))
                .setExecutionExceptionHandler(NvramCommand::refuse)
                .setUsageHelpAutoWidth(true);
    }

    private static int refuse(Exception e, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        PrintWriter err = command.getErr();
        if (e instanceof NoSuchFileException missing) {
            err.println("There is no file " + missing.getFile());
        } else if (e instanceof VarstoreException
                || e instanceof IOException
                || e instanceof UncheckedIOException
                || e instanceof IllegalArgumentException) {
            err.println(e.getMessage());
        } else {
            throw e;
        }
        return REFUSED;
    }

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(commandLine(Clock.systemUTC()).execute(arguments));
    }

    /** Gives the clock to the commands that tell what has expired. */
    private record Factory(Clock clock) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            if (type == ReadCommands.Show.class) {
                return type.cast(new ReadCommands.Show(clock));
            }
            if (type == ReadCommands.Keys.class) {
                return type.cast(new ReadCommands.Keys(clock));
            }
            return CommandLine.defaultFactory().create(type);
        }
    }
}
