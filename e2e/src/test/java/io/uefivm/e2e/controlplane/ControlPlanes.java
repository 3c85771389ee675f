package io.uefivm.e2e.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The control planes that a test runs on, one after the other: the embedded one, and a real API server when its binaries
 * are here. Where {@code UEFIVM_CONTROL_PLANE=kube-apiserver} asks for the real one, it must be there.
 */
public final class ControlPlanes {

    private ControlPlanes() {}

    /** Started one at a time; JUnit closes each after its use. */
    public static Stream<ControlPlane> all() {
        List<Supplier<ControlPlane>> starts = new ArrayList<>();
        String choice = System.getenv().getOrDefault(ControlPlane.CHOICE, "");
        if (!choice.equals("kube-apiserver")) {
            starts.add(ControlPlane::embedded);
        }
        if (choice.equals("kube-apiserver")
                || (choice.isEmpty() && ApiServerBinaries.present().isPresent())) {
            starts.add(ControlPlane::kubeApiServer);
        }
        return starts.stream().map(Supplier::get);
    }
}
