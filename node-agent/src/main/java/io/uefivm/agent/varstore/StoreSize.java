package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.Arrays;

/**
 * The two flash layouts of OVMF's variable file (edk2 OvmfPkg/Include/Fdf/VarStore.fdf.inc), in bytes.
 *
 * <p>Variables, event log, working block of the fault-tolerant write and its spare block follow one another.
 */
public enum StoreSize {
    /** 128 KiB, the layout of OVMF builds of 1 MiB and 2 MiB. */
    M2(0x20000, 0xe000, 0x2000, 0x2800),
    /** 528 KiB, the layout of today's 4 MiB builds. */
    M4(0x84000, 0x40000, 0x8400, 0x8400);

    static final int BLOCK = 0x1000;
    static final int EVENT_LOG_LENGTH = 0x1000;
    static final int WORKING_BLOCK_LENGTH = 0x1000;

    private final int fileLength;
    private final int storeEnd;
    private final int maxVariable;
    private final int maxAuthenticatedVariable;

    StoreSize(int fileLength, int storeEnd, int maxVariable, int maxAuthenticatedVariable) {
        this.fileLength = fileLength;
        this.storeEnd = storeEnd;
        this.maxVariable = maxVariable;
        this.maxAuthenticatedVariable = maxAuthenticatedVariable;
    }

    /** The layout of a file of this length. */
    public static StoreSize ofFileLength(long length) {
        return Arrays.stream(values())
                .filter(size -> size.fileLength == length)
                .findFirst()
                .orElseThrow(() -> new VarstoreException(
                        Problem.SIZE,
                        Math.max(0, length),
                        "A variable store has 131072 bytes (2M) or 540672 bytes (4M), this file has " + length
                                + "; take a whole OVMF_VARS file in raw format"));
    }

    /** The length of the whole file. */
    public int fileLength() {
        return fileLength;
    }

    /**
     * The longest variable that the firmware accepts, header and name included.
     *
     * @param authenticated whether the variable is one that only a signed update may change
     */
    public int maxVariable(boolean authenticated) {
        return authenticated ? maxAuthenticatedVariable : maxVariable;
    }

    /** The room for records when the store is empty. */
    public int capacity() {
        return storeEnd - VolumeFormat.FIRST_RECORD;
    }

    int storeEnd() {
        return storeEnd;
    }

    int workingBlock() {
        return storeEnd + EVENT_LOG_LENGTH;
    }

    int spareBlock() {
        return workingBlock() + WORKING_BLOCK_LENGTH;
    }
}
