package io.uefivm.agent.varstore;

import java.util.UUID;

/**
 * One variable with all that the authenticated format keeps about it.
 *
 * @param attributes bits of {@link Attributes}
 * @param monotonicCount of the last update, for the counter-based authentication of older specifications
 * @param timestamp of the last signed update, {@link EfiTime#NONE} if it needs none
 * @param publicKeyIndex of older EDK2 releases, 0 today
 */
public record Variable(
        VariableKey key, int attributes, long monotonicCount, EfiTime timestamp, long publicKeyIndex, Bytes data) {

    /** A variable that needs no signed update. */
    public static Variable of(VariableKey key, int attributes, Bytes data) {
        return new Variable(key, attributes, 0, EfiTime.NONE, 0, data);
    }

    /** A variable that a signed update newer than {@code timestamp} may change. */
    public static Variable authenticated(VariableKey key, int attributes, EfiTime timestamp, Bytes data) {
        return new Variable(key, attributes, 0, timestamp, 0, data);
    }

    /** The same variable with other contents. */
    public Variable withData(Bytes other) {
        return new Variable(key, attributes, monotonicCount, timestamp, publicKeyIndex, other);
    }

    /** Its name. */
    public String name() {
        return key.name();
    }

    /** The GUID that qualifies its name. */
    public UUID vendor() {
        return key.vendor();
    }
}
