package io.uefivm.agent.declared;

import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.Signature;
import io.uefivm.agent.varstore.SignatureList;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.agent.varstore.Vendors;
import io.uefivm.api.v1alpha1.Firmware;
import io.uefivm.api.v1alpha1.KeyList;
import io.uefivm.api.v1alpha1.KeyListMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the keys of a store differ from the declared ones. The guest's operating system adds to them by right, with updates
 * that the owner of a key has signed: Windows and fwupd bring new certificates and revocations of Microsoft's. So more
 * than is declared is no drift in dbx, where it only forbids, and none where the entry is Microsoft's own and the list is
 * one that Microsoft's entries belong to. In any other case somebody took an entry out of the spec, or the guest put one
 * in of which the spec knows nothing.
 *
 * @param drifted one sentence for each difference that is drift
 * @param added one sentence for each that is not
 */
record KeyDifference(List<String> drifted, List<String> added) {
    static final KeyDifference NONE = new KeyDifference(List.of(), List.of());

    /** Whose entry may be in a list although it is not declared. */
    private enum Extra {
        NOBODYS,
        MICROSOFTS,
        ANYBODYS
    }

    static KeyDifference of(Firmware firmware, KeyProfile declared, VarStore store) {
        SecureBootView actual;
        try {
            actual = SecureBootView.of(store);
        } catch (VarstoreException e) {
            return new KeyDifference(List.of("they cannot be read: " + e.getMessage()), List.of());
        }
        var difference = new KeyDifference(new ArrayList<>(), new ArrayList<>());
        difference.compare("PK", declared.pk(), actual.pk(), Extra.NOBODYS);
        difference.compare(
                "KEK", declared.kek(), actual.kek(), extra(firmware.keys().kek()));
        difference.compare(
                "db", declared.db(), actual.db(), extra(firmware.keys().db()));
        difference.compare("dbx", declared.dbx(), actual.dbx(), Extra.ANYBODYS);
        return new KeyDifference(List.copyOf(difference.drifted), List.copyOf(difference.added));
    }

    private static Extra extra(@Nullable KeyList list) {
        return list != null && list.mode() == KeyListMode.Replace ? Extra.NOBODYS : Extra.MICROSOFTS;
    }

    private void compare(String variable, List<SignatureList> declared, List<SignatureList> actual, Extra extra) {
        Set<Entry> there = Entry.of(actual);
        Set<Entry> wanted = Entry.of(declared);
        for (SignatureList list : declared) {
            for (Signature signature : list.signatures()) {
                if (!there.contains(Entry.of(list, signature))) {
                    drifted.add(variable + " lacks " + Entry.describe(signature));
                }
            }
        }
        int revocations = 0;
        for (SignatureList list : actual) {
            for (Signature signature : list.signatures()) {
                if (wanted.contains(Entry.of(list, signature))) {
                    continue;
                } else if (extra == Extra.ANYBODYS) {
                    revocations++;
                } else if (extra == Extra.MICROSOFTS && signature.owner().equals(Vendors.MICROSOFT)) {
                    added.add(variable + " has " + Entry.describe(signature));
                } else {
                    drifted.add(variable + " has " + Entry.describe(signature) + ", which is not declared");
                }
            }
        }
        if (revocations > 0) {
            added.add(variable + " has " + revocations + " more " + (revocations == 1 ? "entry" : "entries"));
        }
    }
}
