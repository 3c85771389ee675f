package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.Reason;
import java.util.EnumSet;
import java.util.Set;

/** What the reasons for which a domain ends or does not start mean for the next start. */
final class Ends {
    /** The guest, a user or Kubernetes wanted it; or the host was lost, which says nothing against the VM. */
    private static final Set<Reason> PROMPT = EnumSet.of(
            Reason.GuestShutdown,
            Reason.StopRequested,
            Reason.GracePeriodExceeded,
            Reason.Destroyed,
            Reason.DomainLost,
            Reason.NodeLost,
            Reason.StaleEpoch);

    /** An orderly end as far as a user is concerned. */
    private static final Set<Reason> ORDERLY =
            EnumSet.of(Reason.GuestShutdown, Reason.StopRequested, Reason.GracePeriodExceeded);

    /** Another try gives the same: somebody has to change something first. */
    private static final Set<Reason> PERMANENT = EnumSet.of(
            Reason.NvramUnreadable,
            Reason.NvramWrongSize,
            Reason.NvramFull,
            Reason.ClaimTooSmall,
            Reason.ClaimUnsafe,
            Reason.DiskNotFound,
            Reason.FirmwareNotFound,
            Reason.KeyMaterialMissing,
            Reason.KeyMaterialInvalid,
            Reason.MachineTypeNotFound,
            Reason.SecureBootWithoutSmm,
            Reason.DeviceUnavailable,
            Reason.CpusNotDedicated,
            Reason.KeyMaterialMissing,
            Reason.KeyMaterialInvalid,
            Reason.BootTargetNotFound,
            Reason.DomainInvalid);

    private Ends() {}

    static boolean isPrompt(Reason reason) {
        return PROMPT.contains(reason);
    }

    static boolean isOrderly(Reason reason) {
        return ORDERLY.contains(reason);
    }

    static boolean isPermanent(Reason reason) {
        return PERMANENT.contains(reason);
    }

    /** Only the spec can be at fault: not tried again before it changes. The others lie in things Kubernetes does not show. */
    static boolean isOfSpecAlone(Reason reason) {
        return reason == Reason.DomainInvalid;
    }

    static String describe(Reason reason) {
        return switch (reason) {
            case GuestShutdown -> "the guest shut itself down";
            case StopRequested -> "the guest shut down as it was asked to";
            case GracePeriodExceeded -> "the guest did not shut down within its grace period and was powered off";
            case Crashed -> "QEMU or the guest crashed";
            case DomainLost -> "the domain is gone from its host and nobody saw it end";
            case Destroyed -> "the domain was destroyed on its host";
            case WatchdogFired -> "the guest hung and its watchdog powered it off";
            default -> "the domain ended: " + reason;
        };
    }
}
