package io.uefivm.agent.vm;

import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.SecureBootState;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.StoreUsage;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.api.v1alpha1.BootEntry;
import io.uefivm.api.v1alpha1.Certificate;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.SecureBootMode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a variable store says, in the words of the API.
 *
 * @param secureBoot what the store makes of Secure Boot under a firmware that has it
 * @param certificates in PK, KEK, db and dbx; empty if a guest left one of them unreadable
 * @param variables number of live variables
 * @param bytesUsed taken by live variables
 * @param bytesFree what new variables can take before the firmware has to reclaim space
 * @param bootOrder the entries of BootOrder, the first {@value #MOST_BOOT_ENTRIES}
 */
public record StoreReport(
        io.uefivm.api.v1alpha1.SecureBootState secureBoot,
        List<Certificate> certificates,
        int variables,
        long bytesUsed,
        long bytesFree,
        List<BootEntry> bootOrder) {
    private static final int MOST_BOOT_ENTRIES = 32;
    private static final int NOTABLE_PART = 20;

    /** Reads a store. */
    public static StoreReport of(VarStore store) {
        StoreUsage usage = store.usage();
        BootConfiguration boot = BootConfiguration.of(store);
        return new StoreReport(
                state(SecureBootState.of(store)),
                certificates(store),
                store.variables().size(),
                usage.used(),
                usage.free(),
                boot.entries().stream()
                        .filter(entry -> boot.order().contains(entry.number()))
                        .limit(MOST_BOOT_ENTRIES)
                        .map(StoreReport::entry)
                        .toList());
    }

    /** Secure Boot under a firmware of this mode: one without Secure Boot ignores the keys. */
    io.uefivm.api.v1alpha1.SecureBootState secureBootUnder(SecureBootMode mode) {
        return mode == SecureBootMode.Disabled ? io.uefivm.api.v1alpha1.SecureBootState.Off : secureBoot;
    }

    /**
     * Whether it says anything that is worth a write of the status. What a guest changes about keys, boot entries and the
     * number of variables always is; bytes alone only when they changed by a twentieth of the store, because every write
     * of any variable changes them.
     */
    boolean isNews(NvramStatus said, FirmwareStatus build, SecureBootMode mode) {
        return !bootOrder.equals(said.bootOrder())
                || !certificates.equals(build.certificates())
                || secureBootUnder(mode) != build.secureBoot()
                || !Integer.valueOf(variables).equals(said.variables())
                || isFar(bytesUsed, said.bytesUsed())
                || isFar(bytesFree, said.bytesFree());
    }

    private boolean isFar(long bytes, @Nullable Long said) {
        return said == null || Math.abs(bytes - said) * NOTABLE_PART >= bytesUsed + bytesFree;
    }

    /** The status of a store that runs: what is committed stays what it was. */
    NvramStatus in(NvramStatus committed) {
        return new NvramStatus(
                committed.claimName(),
                committed.generation(),
                committed.sha256(),
                variables,
                bytesUsed,
                bytesFree,
                bootOrder,
                committed.lastCommitTime(),
                committed.recovered(),
                committed.history(),
                committed.lastRequest());
    }

    /** The firmware's status with what the store makes of Secure Boot. */
    FirmwareStatus in(FirmwareStatus build, SecureBootMode mode) {
        return build.withStore(secureBootUnder(mode), certificates);
    }

    private static List<Certificate> certificates(VarStore store) {
        try {
            return SecureBootView.of(store).certificates().stream()
                    .map(c -> new Certificate(
                            c.variable(), c.subject(), c.sha256(), c.notAfter().toString()))
                    .toList();
        } catch (VarstoreException unreadable) {
            return List.of();
        }
    }

    private static BootEntry entry(BootConfiguration.BootEntry entry) {
        return new BootEntry(
                String.format(Locale.ROOT, "%04X", entry.number()),
                entry.option().description(),
                entry.option().path().text());
    }

    private static io.uefivm.api.v1alpha1.SecureBootState state(SecureBootState state) {
        return switch (state) {
            case ENFORCING -> io.uefivm.api.v1alpha1.SecureBootState.Enforcing;
            case SETUP_MODE -> io.uefivm.api.v1alpha1.SecureBootState.SetupMode;
            case OFF -> io.uefivm.api.v1alpha1.SecureBootState.Off;
        };
    }
}
