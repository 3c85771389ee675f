package io.uefivm.agent.varstore.cli;

import io.uefivm.agent.nvram.Generation;
import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.BootConfiguration.BootEntry;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.SecureBootState;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.SecureBootView.EnrolledCertificate;
import io.uefivm.agent.varstore.StoreUsage;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableText;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.agent.varstore.Vendors;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Help.Ansi;

/** What a person sees of a store. */
final class StoreReport {
    private static final int BAR = 30;
    /** Said in full by the sections above the list of variables. */
    private static final Set<String> CONSOLES = Set.of("ConIn", "ConOut", "ErrOut");

    private final PrintWriter out;
    private final Ansi ansi;
    private final Instant now;

    StoreReport(PrintWriter out, Ansi ansi, Instant now) {
        this.out = out;
        this.ansi = ansi;
        this.now = now;
    }

    void show(String file, Optional<Generation> generation, VarStore store) {
        byte[] bytes = store.toBytes();
        line("%s  %s store, %d bytes", style("bold", file), store.size().name().substring(1) + "M", bytes.length);
        line("sha256 %s", Bytes.copyOf(bytes).sha256());
        generation.ifPresent(g -> line(
                "generation %d, of epoch %d, %s, committed %s", g.number(), g.epoch(), g.basis(), g.committedAt()));
        line("");
        field("Secure Boot", secureBoot(store));
        field("Space", space(store.usage()));
        switch (store.pendingWrite()) {
            case NONE -> {}
            case REPLAYED ->
                field("Journal", "a pending write was replayed; the firmware does the same at its next start");
            case ABANDONED ->
                field("Journal", "a pending write was given up; the firmware does the same at its next start");
        }
        heading("Keys");
        try {
            keys(SecureBootView.of(store));
        } catch (VarstoreException e) {
            line("  %s cannot be read: %s", style("yellow", "!"), e.getMessage());
        }
        heading("Boot");
        boot(BootConfiguration.of(store));
        heading("Variables (" + store.variables().size() + ")");
        variables(store.variables());
    }

    private String secureBoot(VarStore store) {
        return switch (SecureBootState.of(store)) {
            case ENFORCING -> style("green", "enforcing");
            case SETUP_MODE -> style("yellow", "setup mode") + " - no platform key, anything starts";
            case OFF -> style("yellow", "off") + " - keys are there, but SecureBootEnable is off";
        };
    }

    private String space(StoreUsage usage) {
        int used = bar(usage.used(), usage.capacity());
        int reclaimable = bar(usage.reclaimable(), usage.capacity());
        String bar = "#".repeat(used) + "~".repeat(reclaimable) + ".".repeat(Math.max(0, BAR - used - reclaimable));
        return String.format(
                Locale.ROOT,
                "[%s] %,d used, %,d reclaimable, %,d free of %,d bytes",
                bar,
                usage.used(),
                usage.reclaimable(),
                usage.free(),
                usage.capacity());
    }

    private static int bar(int part, int whole) {
        return (int) ((long) part * BAR / whole);
    }

    void keys(SecureBootView view) {
        List<EnrolledCertificate> certificates = view.certificates();
        if (certificates.isEmpty()) {
            line("  none");
        }
        for (EnrolledCertificate certificate : certificates) {
            LocalDate until = LocalDate.ofInstant(certificate.notAfter(), ZoneOffset.UTC);
            boolean expired = certificate.notAfter().isBefore(now);
            line(
                    "  %-4s %-40s %s  %s",
                    certificate.variable(),
                    VariableText.commonName(certificate.subject()),
                    expired ? style("yellow", "expired " + until) : "until   " + until,
                    certificate.sha256().substring(0, 16));
        }
        int hashes =
                view.dbx().stream().mapToInt(list -> list.signatures().size()).sum();
        if (hashes > 0) {
            line("  %-4s %d forbidden", "dbx", hashes);
        }
    }

    void boot(BootConfiguration boot) {
        boot.next().ifPresent(next -> line("  next start only: Boot%04X", next));
        for (BootEntry entry : boot.entries()) {
            int place = boot.order().indexOf(entry.number());
            line(
                    "  %3s %s %s%-28s %s",
                    place < 0 ? "-" : place + 1 + ".",
                    entry.name(),
                    entry.option().active() ? "" : "(inactive) ",
                    VariableText.printable(entry.option().description()),
                    VariableText.printable(entry.option().path().text()));
        }
        boot.order().stream()
                .filter(number -> boot.entries().stream().noneMatch(entry -> entry.number() == number))
                .forEach(number ->
                        line("  %3d. Boot%04X (no such entry)", boot.order().indexOf(number) + 1, number));
        boot.problems().forEach(problem -> line("  %s %s", style("yellow", "!"), VariableText.printable(problem)));
        if (boot.entries().isEmpty()) {
            line("  no entries: the firmware makes them at its next start");
        }
    }

    private void variables(List<Variable> variables) {
        for (Variable variable : variables) {
            line(
                    "  %-24s %-17s %-11s %6d  %s",
                    VariableText.printable(variable.name()),
                    shortVendor(variable),
                    Attributes.describe(variable.attributes()),
                    variable.data().length(),
                    CONSOLES.contains(variable.name()) ? VariableText.of(variable) : cut(VariableText.of(variable)));
        }
    }

    /** A vendor without a name by the first group of its GUID, as people tell them apart. */
    private static String shortVendor(Variable variable) {
        String vendor = Vendors.describe(variable.vendor());
        return vendor.length() == 36 ? vendor.substring(0, 8) + "..." : vendor;
    }

    private static String cut(String text) {
        return text.length() <= 72 ? text : text.substring(0, 69) + "...";
    }

    private void heading(String text) {
        line("");
        line("%s", style("bold", text));
    }

    private void field(String name, String value) {
        line("%-12s %s", name, value);
    }

    /** Only for text of our own: a guest's text could hold markup. */
    private String style(String style, String text) {
        return ansi.enabled() ? ansi.string("@|" + style + " x|@").replace("x", text) : text;
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    }
}
