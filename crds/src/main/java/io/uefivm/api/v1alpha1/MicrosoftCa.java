package io.uefivm.api.v1alpha1;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Microsoft's certificate authorities for Secure Boot. What is signed today is signed under those of 2023; those of 2011
 * have run out, and firmware that knows them alone does not start it.
 */
public enum MicrosoftCa {
    KEK_2023("KEK", "3cd3f0309edae228767a976dd40d9f4affc4fbd5218f2e8cc3c9dd97e8ac6f9d", null),
    WINDOWS_2023("db", "076f1fea90ac29155ebf77c17682f75f1fdd1be196da302dc8461e350a9ae330", null),
    UEFI_2023("db", "f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901", null),
    OPTION_ROM_2023("db", "e5be3e64c6e66a281457ecdece0d6d0787577aad2a3a0144262c10c14ba8d8f1", null),
    KEK_2011("KEK", "a1117f516a32cefcba3f2d1ace10a87972fd6bbe8fe0d0b996e09e65d802a503", KEK_2023),
    WINDOWS_2011("db", "e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961", WINDOWS_2023),
    UEFI_2011("db", "48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507", UEFI_2023);

    private final String variable;
    private final String sha256;
    private final Optional<MicrosoftCa> successor;

    MicrosoftCa(String variable, String sha256, @org.jspecify.annotations.Nullable MicrosoftCa successor) {
        this.variable = variable;
        this.sha256 = sha256;
        this.successor = Optional.ofNullable(successor);
    }

    /** The variable that it belongs in. */
    public String variable() {
        return variable;
    }

    /** SHA-256 of the certificate's DER encoding, in lower case. */
    public String sha256() {
        return sha256;
    }

    /** Who signs instead today; empty for one of today's. */
    public Optional<MicrosoftCa> successor() {
        return successor;
    }

    /**
     * Whether a variable trusts a certificate authority of 2011 and not the one of 2023 that took its place.
     *
     * @param variable {@code KEK} or {@code db}
     * @param digests SHA-256 of the certificates in it, hexadecimal in lower case
     */
    public static boolean lacksSuccessor(String variable, Set<String> digests) {
        return Arrays.stream(values())
                .filter(ca -> ca.variable.equals(variable) && digests.contains(ca.sha256))
                .flatMap(ca -> ca.successor.stream())
                .anyMatch(next -> !digests.contains(next.sha256));
    }
}
