package io.uefivm.agent.varstore;

/** A store without variables, byte for byte the one that OVMF's own build makes: no keys, Secure Boot in setup mode. */
public final class EmptyStore {
    private EmptyStore() {}

    /** An empty store of this layout. */
    public static VarStore of(StoreSize size) {
        return VarStore.read(StoreFormat.empty(size));
    }
}
