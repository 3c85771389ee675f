package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Where UEFI variables and TPM state live, and for how long. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!(has(self.storage) && has(self.sharedClaim))",
        message = "storage and sharedClaim exclude each other: a VM has a claim of its own or a place in a shared one")
public record Nvram(
        @JsonPropertyDescription(
                "What becomes of NVRAM and TPM state when the VM is deleted: Delete (default) or Retain, which leaves the claim.")
        @Default("Delete")
        ReclaimPolicy reclaimPolicy,

        @JsonPropertyDescription("How many earlier generations are kept, compressed to a few KiB each.")
        @Default("10")
        @Min(1)
        @Max(100)
        Integer historyLimit,

        @JsonPropertyDescription("The claim that is made for this VM.") @Nullable
        NvramStorage storage,

        @JsonPropertyDescription(
                "Name of an existing ReadWriteMany claim that many VMs share, each in a folder of its own, instead of a claim for this VM.")
        @Size(min = 1, max = 253)
        @Nullable
        String sharedClaim,

        @JsonPropertyDescription(
                "What a start makes of stored variables that are damaged. Recover (default): it begins from the newest state that is good; what was not used is kept and named in the condition NvramReady. Refuse: it waits until nvram.request asks for a restore or a reset.")
        @Default("Recover")
        CorruptionPolicy onCorruption,

        @JsonPropertyDescription("Something to be done to the variable store, once, at the next cold start.") @Nullable
        NvramRequest request) {
    public static final Nvram DEFAULT = new Nvram(ReclaimPolicy.Delete, 10, null, null, CorruptionPolicy.Recover, null);

    public Nvram {
        reclaimPolicy = Defaults.or(reclaimPolicy, ReclaimPolicy.Delete);
        historyLimit = Defaults.or(historyLimit, 10);
        onCorruption = Defaults.or(onCorruption, CorruptionPolicy.Recover);
    }

    /** The claim to make; meaningless when {@link #sharedClaim} is given. */
    public NvramStorage ownClaim() {
        return storage == null ? NvramStorage.DEFAULT : storage;
    }
}
