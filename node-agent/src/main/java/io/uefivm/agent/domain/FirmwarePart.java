package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.ArrayList;
import java.util.List;

/** Firmware, its variables, and System Management Mode, which protects them. */
final class FirmwarePart implements DomainPart {
    private static final long TIB = 1L << 40;
    private static final int DEFAULT_TSEG_MIB = 16;
    private static final int TSEG_MIB_PER_FURTHER_TIB = 8;
    private static final int TSEG_MIB_FOR_MANY_CPUS = 24;
    private static final int MANY_CPUS = 100;

    @Override
    public List<Fragment> render(DomainInput input) {
        var fragments = new ArrayList<Fragment>();
        flash(input).forEach(element -> fragments.add(Fragment.of(Place.OS, element)));
        fragments.add(Fragment.of(Place.FEATURES, systemManagementMode(input)));
        return fragments;
    }

    /** With a loader that is not read-only libvirt makes no file for variables; Stateless has to be said (libvirt 8.6). */
    private static List<Element> flash(DomainInput input) {
        Loader loader = input.loader();
        String secure = loader.secure() ? "yes" : "no";
        return switch (input.spec().firmware().layout()) {
            case Split ->
                List.of(
                        loader("yes", secure).text(loader.codePath()),
                        element("nvram")
                                .attribute("template", loader.varsTemplatePath())
                                .text(input.nvramPath().orElseThrow()));
            case Combined -> List.of(loader("no", secure).text(input.nvramPath().orElseThrow()));
            case Stateless ->
                List.of(loader("yes", secure).attribute("stateless", "yes").text(loader.codePath()));
        };
    }

    private static Element loader(String readOnly, String secure) {
        return element("loader")
                .attribute("readonly", readOnly)
                .attribute("type", "pflash")
                .attribute("secure", secure);
    }

    /** Off where the firmware has no use for it, because not every host can do it (KVM_CAP_X86_SMM). */
    private static Element systemManagementMode(DomainInput input) {
        if (!input.loader().secure()) {
            return element("smm").attribute("state", "off");
        }
        var smm = element("smm").attribute("state", "on");
        int tseg = tsegMib(input.spec().memory().bytes(), input.spec().cpu().count());
        return tseg == DEFAULT_TSEG_MIB
                ? smm
                : smm.with(element("tseg").attribute("unit", "MiB").text(tseg));
    }

    /**
     * The SMM memory that OVMF needs, in MiB. QEMU's default of 16 is enough for 1 TiB and tens of CPUs; page tables
     * take 8 more for each further TiB, and hundreds of CPUs, each with a save state and a stack, take 24 more
     * (docs/interop/firmware.json, requires-smm). With too little, the guest does not start (bugs 1469338, 2074149 of
     * Red Hat's tracker).
     */
    static int tsegMib(long memoryBytes, int cpus) {
        long furtherTebibytes = Math.max(0, (memoryBytes + TIB - 1) / TIB - 1);
        return DEFAULT_TSEG_MIB
                + (int) furtherTebibytes * TSEG_MIB_PER_FURTHER_TIB
                + (cpus >= MANY_CPUS ? TSEG_MIB_FOR_MANY_CPUS : 0);
    }
}
