package io.uefivm.agent.varstore.cli;

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
            WholeStoreCommands.Repair.class,
            WholeStoreCommands.Extract.class
        })
public final class NvramCommand {
    static final int REFUSED = 2;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Shows this help.")
    private boolean help;

    private NvramCommand() {}

    /** The command, to be run by itself or as part of another. */
    public static CommandLine commandLine(Clock clock) {
        return new CommandLine(new NvramCommand(), new Factory(clock)).setUsageHelpAutoWidth(true);
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
