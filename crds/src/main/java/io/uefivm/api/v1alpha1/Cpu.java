package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * Virtual CPUs; their number is cores x sockets x threads.
 *
 * @param model {@code host-model}, {@code host-passthrough} or a name that QEMU knows
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Cpu(
        @JsonPropertyDescription("Cores per socket.") @Default("1") @Min(1) @Max(512)
        Integer cores,

        @JsonPropertyDescription("Sockets.") @Default("1") @Min(1) @Max(16)
        Integer sockets,

        @JsonPropertyDescription("Threads per core.") @Default("1") @Min(1) @Max(8)
        Integer threads,

        @JsonPropertyDescription(
                "CPU model: host-model (default) gives the guest what its host has and still lets it move to equal hosts; host-passthrough gives it everything; otherwise the name of a model that QEMU knows, for example Skylake-Server.")
        @Default("host-model")
        @Size(min = 1, max = 63)
        @Pattern("^[A-Za-z0-9][A-Za-z0-9._-]*$")
        String model,

        @JsonPropertyDescription(
                "Give the VM CPUs of its own: one for each virtual CPU, which kubelet keeps everybody else off. Needs a node whose kubelet has cpuManagerPolicy static.")
        @Nullable
        Boolean dedicated) {
    /** One virtual CPU of the host's model. */
    public static final Cpu DEFAULT = new Cpu(1, 1, 1, "host-model", null);

    public Cpu {
        cores = Defaults.or(cores, 1);
        sockets = Defaults.or(sockets, 1);
        threads = Defaults.or(threads, 1);
        model = Defaults.or(model, "host-model");
    }

    /** Whether it asks for CPUs of its own. */
    public boolean takesCpusAlone() {
        return Boolean.TRUE.equals(dedicated);
    }

    /** Number of virtual CPUs. */
    public int count() {
        return cores * sockets * threads;
    }
}
