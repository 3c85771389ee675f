package io.uefivm.agent.varstore;

import java.util.Map;
import java.util.UUID;

/** The GUIDs that qualify variable names and signature types. */
public final class Vendors {
    /** EFI_GLOBAL_VARIABLE: PK, KEK, Boot####, BootOrder, ConIn, ... */
    public static final UUID GLOBAL = UUID.fromString("8be4df61-93ca-11d2-aa0d-00e098032b8c");
    /** EFI_IMAGE_SECURITY_DATABASE: db, dbx, dbt, dbr. */
    public static final UUID IMAGE_SECURITY = UUID.fromString("d719b2cb-3d3a-4596-a3bc-dad00e67656f");
    /** EDK2's switch SecureBootEnable. */
    public static final UUID SECURE_BOOT_ENABLE = UUID.fromString("f0a30bc7-af08-4556-99c4-001009c93a44");
    /** EDK2's CustomMode. */
    public static final UUID CUSTOM_MODE = UUID.fromString("c076ec0c-7028-4399-a072-71ee5c448b9f");
    /** EDK2's VendorKeysNv. */
    public static final UUID VENDOR_KEYS = UUID.fromString("9073e4e0-60ec-4b6e-9903-4c223c260f3c");
    /** EDK2's certdb. */
    public static final UUID CERT_DB = UUID.fromString("d9bee56e-75dc-49d9-b4d7-b534210f637a");
    /** EDK2's counter MTC. */
    public static final UUID MONOTONIC_COUNTER = UUID.fromString("eb704011-1402-11d3-8e77-00a0c969723b");
    /** Shim's machine-owner keys: MokList and its kin. */
    public static final UUID SHIM = UUID.fromString("605dab50-e046-4300-abb6-3dd810dd8b23");
    /** The owner that Microsoft gives in signature lists. */
    public static final UUID MICROSOFT = UUID.fromString("77fa9abd-0359-4d32-bd60-28f4e78f784b");

    /** The owner that this project gives to entries of its own in signature lists. */
    public static final UUID UEFIVM = UUID.fromString("c89de2bd-a801-45c6-9076-0444af63c4c9");

    private static final Map<UUID, String> NAMES = Map.of(
            GLOBAL, "Global",
            IMAGE_SECURITY, "ImageSecurity",
            SECURE_BOOT_ENABLE, "SecureBootEnable",
            CUSTOM_MODE, "CustomMode",
            VENDOR_KEYS, "VendorKeys",
            CERT_DB, "CertDb",
            MONOTONIC_COUNTER, "MonotonicCounter",
            SHIM, "Shim",
            MICROSOFT, "Microsoft",
            UEFIVM, "uefivm");

    private Vendors() {}

    /** A short name for people, the GUID itself if there is none. */
    public static String describe(UUID vendor) {
        return NAMES.getOrDefault(vendor, vendor.toString());
    }
}
