package io.uefivm.agent.declared;

import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.Signature;
import io.uefivm.agent.varstore.SignatureList;
import io.uefivm.agent.varstore.VariableText;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What an entry of KEK, db or dbx means to the firmware. Who put it there means nothing to it.
 *
 * @param type as in {@link SignatureList#type()}
 */
record Entry(UUID type, Bytes data) {
    static Set<Entry> of(List<SignatureList> lists) {
        Set<Entry> entries = new LinkedHashSet<>();
        lists.forEach(list -> entries.addAll(of(list)));
        return entries;
    }

    static Set<Entry> of(SignatureList list) {
        Set<Entry> entries = new LinkedHashSet<>();
        list.signatures().forEach(signature -> entries.add(of(list, signature)));
        return entries;
    }

    static Entry of(SignatureList list, Signature signature) {
        return new Entry(list.type(), signature.data());
    }

    /** What people call it: the certificate's name, or the start of the hash. */
    static String describe(Signature signature) {
        if (signature instanceof Signature.Certificate certificate) {
            return "\"" + VariableText.commonName(certificate.subject()) + "\"";
        }
        return signature instanceof Signature.ImageHash hash
                ? "hash " + hash.data().hex().substring(0, 12)
                : "an entry that is neither certificate nor SHA-256";
    }
}
