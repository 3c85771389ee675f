package io.uefivm.agent.vm;

import io.uefivm.agent.nvram.RefusedException;
import io.uefivm.agent.nvram.StoreTransfer;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VariableKey;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.agent.varstore.Vendors;
import java.util.List;

/** The variables that are a store's Secure Boot keys, and the firmware's own marks about them. */
final class StoreKeys implements StoreTransfer {
    private static final List<VariableKey> KEYS = List.of(
            SecureBootView.PK,
            SecureBootView.KEK,
            SecureBootView.DB,
            SecureBootView.DBX,
            new VariableKey("dbt", Vendors.IMAGE_SECURITY),
            new VariableKey("dbr", Vendors.IMAGE_SECURITY),
            SecureBootView.ENABLE,
            new VariableKey("CustomMode", Vendors.CUSTOM_MODE),
            new VariableKey("VendorKeysNv", Vendors.VENDOR_KEYS));

    @Override
    public byte[] apply(byte[] store, byte[] keys) throws RefusedException {
        try {
            VarStore from = VarStore.parseAbandoningPendingWrite(keys);
            VarStore result = VarStore.parseAbandoningPendingWrite(store);
            for (VariableKey key : KEYS) {
                result = result.delete(key);
            }
            for (VariableKey key : KEYS) {
                if (from.find(key).isPresent()) {
                    result = result.set(from.find(key).get());
                }
            }
            return result.toBytes();
        } catch (VarstoreException e) {
            throw new RefusedException("The keys cannot be put into the variable store: " + e.getMessage());
        }
    }
}
