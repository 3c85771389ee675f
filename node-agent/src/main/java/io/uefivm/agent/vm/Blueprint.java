package io.uefivm.agent.vm;

import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.domain.Loader;
import io.uefivm.agent.firmware.FirmwareImage;
import io.uefivm.agent.nvram.Generation;
import io.uefivm.agent.nvram.Kept;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.SecureBootMode;
import io.uefivm.api.v1alpha1.SecureBootState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What of this host a VM runs with.
 *
 * @param accelerator what executes it
 * @param machineType versioned machine type
 * @param image firmware build
 */
record Blueprint(Accelerator accelerator, String machineType, FirmwareImage image) {
    Loader loader() {
        return new Loader(
                image.codePath(), image.varsTemplatePath(), image.build().requiresSmm());
    }

    /** The firmware build and what it makes of the store. */
    FirmwareStatus firmware(SecureBootMode mode, StoreReport store) {
        FirmwareBuild build = image.build();
        return new FirmwareStatus(
                build.description(),
                build.codeDigest(),
                build.varsTemplateDigest(),
                build.varsSize(),
                store.secureBootUnder(mode),
                store.certificates(),
                null);
    }

    /** The firmware build of a VM that keeps no variables. */
    FirmwareStatus stateless() {
        FirmwareBuild build = image.build();
        return new FirmwareStatus(
                build.description(), build.codeDigest(), null, null, SecureBootState.Off, List.of(), null);
    }

    /** The state of the store in the words of the API. */
    static NvramStatus nvram(
            @Nullable String claimName,
            Generation generation,
            StoreReport store,
            @Nullable String recovered,
            List<Kept> history,
            Optional<NvramRequestStatus> lastRequest) {
        return new NvramStatus(
                claimName,
                generation.number(),
                generation.sha256(),
                store.variables(),
                store.bytesUsed(),
                store.bytesFree(),
                store.bootOrder(),
                generation.committedAt(),
                recovered,
                StoreHistory.of(history),
                lastRequest.orElse(null));
    }
}
