package io.uefivm.agent.vm;

import io.uefivm.agent.nvram.RefusedException;
import io.uefivm.agent.nvram.StoreTransfer;
import io.uefivm.agent.varstore.Conversion;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VarstoreException;
import java.util.stream.Collectors;

/** All variables in a store of the other size, or none: what has no room would be gone without a word. */
final class StoreConversion implements StoreTransfer {
    @Override
    public byte[] apply(byte[] store, byte[] from) throws RefusedException {
        if (store.length == from.length) {
            throw new RefusedException(
                    "The variable store has the " + from.length + " bytes that this firmware needs; to move to"
                            + " firmware of another size, pin a build of it with spec.firmware.image.codeDigest");
        }
        try {
            Conversion conversion =
                    Conversion.of(VarStore.parseAbandoningPendingWrite(from), StoreSize.ofFileLength(store.length));
            if (!conversion.leftOut().isEmpty()) {
                throw new RefusedException("A store of " + store.length + " bytes has no room for "
                        + conversion.leftOut().stream()
                                .map(Variable::key)
                                .map(key -> key.name())
                                .collect(Collectors.joining(", "))
                        + "; delete them in the guest first, or use firmware of the size that the VM had");
            }
            return conversion.store().toBytes();
        } catch (VarstoreException e) {
            throw new RefusedException("The variable store cannot be converted: " + e.getMessage());
        }
    }
}
