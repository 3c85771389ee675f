package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * EFI_SIGNATURE_LIST (UEFI specification 32.4.1): entries of one type and one length. PK, KEK, db and dbx are sequences of
 * such lists.
 *
 * @param type what the entries are
 * @param header of the type's own, empty for all types in use
 */
public record SignatureList(UUID type, Bytes header, List<Signature> signatures) {
    /** Entries are X.509 certificates; as their lengths differ, each has a list of its own. */
    public static final UUID X509 = UUID.fromString("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");
    /** Entries are SHA-256 hashes of images. */
    public static final UUID SHA256 = UUID.fromString("c1c41626-504c-4092-aca9-41f936934328");

    private static final int LIST_HEADER = 28;
    private static final int OWNER = 16;
    private static final int SHA256_LENGTH = 32;

    /** Copies the entries. */
    public SignatureList {
        signatures = List.copyOf(signatures);
    }

    /** A list of one certificate. */
    public static SignatureList of(Signature.Certificate certificate) {
        return new SignatureList(X509, Bytes.EMPTY, List.of(certificate));
    }

    /** A list of one hash. */
    public static SignatureList of(Signature.ImageHash hash) {
        return new SignatureList(SHA256, Bytes.EMPTY, List.of(hash));
    }

    /**
     * Reads the data of a variable such as {@code db}.
     *
     * @throws VarstoreException as {@link Problem#SIGNATURE_LIST} with an offset in the data
     */
    public static List<SignatureList> parse(Bytes data) {
        ByteReader reader = new ByteReader(data, 0, Problem.SIGNATURE_LIST);
        List<SignatureList> lists = new ArrayList<>();
        while (reader.remaining() > 0) {
            lists.add(parseOne(reader));
        }
        return List.copyOf(lists);
    }

    private static SignatureList parseOne(ByteReader reader) {
        UUID type = reader.guid("A signature list's type");
        long listSize = reader.u32("A signature list's size");
        long headerSize = reader.u32("A signature list's header size");
        long signatureSize = reader.u32("A signature list's entry size");
        long content = listSize - LIST_HEADER - headerSize;
        if (content < 0) {
            throw reader.error("A signature list of " + listSize + " bytes is shorter than its headers");
        }
        boolean hash = type.equals(SHA256);
        if (hash ? signatureSize != OWNER + SHA256_LENGTH : signatureSize <= OWNER) {
            throw reader.error("A signature list's entries cannot have " + signatureSize + " bytes");
        }
        if (content % signatureSize != 0) {
            throw reader.error("A signature list of " + content + " bytes does not hold whole entries of "
                    + signatureSize + " bytes");
        }
        Bytes header = reader.take(headerSize, "A signature list's header");
        ByteReader entries = new ByteReader(
                reader.take(content, "A signature list"), reader.offset() - (int) content, Problem.SIGNATURE_LIST);
        List<Signature> signatures = new ArrayList<>();
        while (entries.remaining() > 0) {
            UUID owner = entries.guid("A signature's owner");
            signatures.add(signature(type, owner, entries.take(signatureSize - OWNER, "A signature")));
        }
        return new SignatureList(type, header, signatures);
    }

    private static Signature signature(UUID type, UUID owner, Bytes data) {
        if (type.equals(X509)) {
            return Signature.ofDer(owner, data);
        }
        return type.equals(SHA256) ? new Signature.ImageHash(owner, data) : new Signature.Other(owner, data);
    }

    /** The data of a variable that holds these lists. */
    public static Bytes encode(List<SignatureList> lists) {
        ByteWriter data = new ByteWriter();
        lists.forEach(list -> list.encode(data));
        return data.toBytes();
    }

    private void encode(ByteWriter data) {
        int signatureSize = OWNER
                + signatures.stream()
                        .mapToInt(signature -> signature.data().length())
                        .max()
                        .orElse(type.equals(SHA256) ? SHA256_LENGTH : 1);
        data.guid(type)
                .u32(LIST_HEADER + header.length() + (long) signatures.size() * signatureSize)
                .u32(header.length())
                .u32(signatureSize)
                .bytes(header);
        for (Signature signature : signatures) {
            data.guid(signature.owner()).bytes(signature.data());
            if (signature.data().length() != signatureSize - OWNER) {
                throw new VarstoreException(
                        Problem.SIGNATURE_LIST, data.length(), "The entries of a signature list differ in length");
            }
        }
    }
}
