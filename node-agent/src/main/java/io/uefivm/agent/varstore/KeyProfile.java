package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * The keys that a machine starts its life with.
 *
 * @param pk the platform key, one certificate: who may change the KEK
 * @param kek who may change db and dbx
 * @param db what may start
 * @param dbx what may not, whatever db says
 */
public record KeyProfile(
        List<SignatureList> pk, List<SignatureList> kek, List<SignatureList> db, List<SignatureList> dbx) {

    /**
     * The SHA-256 of no bytes at all, which forbids nothing. Windows' certification tests want a dbx that is not empty, so
     * edk2's own tool for default keys puts this hash there (OvmfPkg/EnrollDefaultKeys, mSha256OfDevNull).
     */
    private static final Bytes HASH_OF_NOTHING = Bytes.ofHex(Bytes.EMPTY.sha256());

    /** Copies the lists, and makes sure that the platform key is one certificate. */
    public KeyProfile {
        pk = List.copyOf(pk);
        kek = List.copyOf(kek);
        db = List.copyOf(db);
        dbx = List.copyOf(dbx);
        boolean oneCertificate = pk.size() == 1
                && pk.get(0).signatures().size() == 1
                && pk.get(0).signatures().get(0) instanceof Signature.Certificate;
        if (!oneCertificate) {
            throw new VarstoreException(
                    Problem.CERTIFICATE, VarstoreException.NO_OFFSET, "The platform key must be one X.509 certificate");
        }
    }

    /**
     * Microsoft's certificates of 2011 and of 2023.
     *
     * <p>The distributions' templates still carry those of 2011 alone, which do not start what is signed today. Both are
     * needed: what is installed on most disks was signed under those of 2011. Origin and fingerprints are in the README beside the files.
     */
    public static KeyProfile microsoft() {
        return new KeyProfile(
                microsoft("ms-oem-pk-2023"),
                microsoft("ms-kek-2011", "ms-kek-2023"),
                microsoft("windows-2011", "windows-2023", "ms-uefi-2011", "ms-uefi-2023", "ms-uefi-rom-2023"),
                emptyDbx());
    }

    /** A dbx that is a valid list and forbids nothing. */
    public static List<SignatureList> emptyDbx() {
        return List.of(SignatureList.of(new Signature.ImageHash(Vendors.UEFIVM, HASH_OF_NOTHING)));
    }

    private static List<SignatureList> microsoft(String... names) {
        return Arrays.stream(names)
                .flatMap(name -> KeyMaterial.parse(Vendors.MICROSOFT, resource("keys/" + name + ".pem")).stream())
                .toList();
    }

    private static Bytes resource(String name) {
        try (InputStream in = KeyProfile.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The jar lacks its resource " + name);
            }
            return Bytes.wrap(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
