package io.uefivm.agent.varstore.cli;

import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyMaterial;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.SignatureList;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Vendors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that changes keys. */
final class KeyCommands {
    private KeyCommands() {}

    @Command(
            name = "enroll",
            description = {
                "Replaces PK, KEK, db and dbx and switches Secure Boot on.",
                "On a machine that has run before, this changes PCR 7: have BitLocker's recovery key at hand."
            })
    static final class Enroll extends EditCommands.Edit {
        private static final String FORMS = "PEM, DER, signature lists (.esl) or a signed update (.auth).";

        @Option(
                names = "--microsoft",
                description = "Microsoft's certificates of 2011 and 2023; files given add to them.")
        private boolean microsoft;

        @Option(names = "--pk", paramLabel = "FILE", description = "The platform key. " + FORMS)
        private @Nullable Path pk;

        @Option(names = "--kek", paramLabel = "FILE", description = "Who may change db and dbx. " + FORMS)
        private List<Path> kek = new ArrayList<>();

        @Option(names = "--db", paramLabel = "FILE", description = "What may start. " + FORMS)
        private List<Path> db = new ArrayList<>();

        @Option(names = "--dbx", paramLabel = "FILE", description = "What may not start. " + FORMS)
        private List<Path> dbx = new ArrayList<>();

        @Option(
                names = "--owner",
                paramLabel = "GUID",
                description = "The owner of certificates from PEM and DER files.")
        private UUID owner = Vendors.UEFIVM;

        @Override
        VarStore edit(VarStore store) throws IOException {
            if (!microsoft && pk == null) {
                throw new IllegalArgumentException("Name the platform key with --pk, or take --microsoft");
            }
            KeyProfile base = microsoft ? KeyProfile.microsoft() : null;
            List<SignatureList> none = List.of();
            List<SignatureList> dbxLists = with(none, dbx);
            return Enrolment.apply(
                    store,
                    new KeyProfile(
                            pk == null ? KeyProfile.microsoft().pk() : with(none, List.of(pk)),
                            with(base == null ? none : base.kek(), kek),
                            with(base == null ? none : base.db(), db),
                            dbxLists.isEmpty() ? KeyProfile.emptyDbx() : dbxLists));
        }

        private List<SignatureList> with(List<SignatureList> base, List<Path> files) throws IOException {
            List<SignatureList> lists = new ArrayList<>(base);
            for (Path file : files) {
                lists.addAll(KeyMaterial.parse(owner, Bytes.copyOf(StoreFile.read(file))));
            }
            return lists;
        }
    }
}
