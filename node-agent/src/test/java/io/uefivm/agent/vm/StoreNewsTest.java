package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.SecureBootMode;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StoreNewsTest {
    private static final UUID VENDOR = UUID.fromString("3f2d1c0b-9a87-4c5e-9a55-0b5c1d8e7f0a");
    private static final VarStore STORE = with(
            Enrolment.apply(EmptyStore.of(StoreSize.ofFileLength(540_672)), KeyProfile.microsoft()), "Counter", 100);
    private static final FirmwareStatus FIRMWARE = StoreReport.of(STORE)
            .in(new FirmwareStatus("OVMF", "sha256:c", "sha256:v", null, null, null, null), SecureBootMode.Enabled);
    private static final NvramStatus NVRAM = StoreReport.of(STORE).in(NvramStatus.EMPTY);

    private static VarStore with(VarStore store, String name, int bytes) {
        return store.set(Variable.of(
                new VariableKey(name, VENDOR),
                Attributes.NON_VOLATILE | Attributes.BOOT_SERVICE | Attributes.RUNTIME,
                Bytes.copyOf(new byte[bytes])));
    }

    private static boolean isNews(VarStore store) {
        return StoreReport.of(store).isNews(NVRAM, FIRMWARE, SecureBootMode.Enabled);
    }

    @Test
    void whatIsSaidAlreadyAndAFewBytesAreNone() {
        assertThat(isNews(STORE)).isFalse();
        assertThat(isNews(with(STORE, "Counter", 1000))).isFalse();
    }

    @Test
    void aTwentiethOfTheStoreIs() {
        assertThat(isNews(with(STORE, "Counter", 14_000))).isTrue();
    }

    @Test
    void aNewVariableAndADeletedOneAre() {
        assertThat(isNews(with(STORE, "Other", 1))).isTrue();
        assertThat(isNews(STORE.delete(new VariableKey("Counter", VENDOR)))).isTrue();
    }

    @Test
    void keysAndTheirSwitchAre() {
        assertThat(isNews(Enrolment.setEnabled(STORE, false))).isTrue();
        VarStore withoutOptionRoms = STORE.delete(VariableKey.global("KEK"));
        assertThat(isNews(withoutOptionRoms)).isTrue();
    }

    @Test
    void newsOfARunningStoreLeaveWhatIsCommitted() {
        NvramStatus committed =
                new NvramStatus("claim", 7L, "abc", 1, 1L, 1L, null, "2026-05-01T10:00:00Z", "recovered", null, null);
        NvramStatus now = StoreReport.of(STORE).in(committed);
        assertThat(now.generation()).isEqualTo(7);
        assertThat(now.sha256()).isEqualTo("abc");
        assertThat(now.recovered()).isEqualTo("recovered");
        assertThat(now.variables()).isEqualTo(STORE.variables().size());
    }
}
