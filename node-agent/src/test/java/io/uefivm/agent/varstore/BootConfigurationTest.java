package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.BootConfiguration.BootEntry;
import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootConfigurationTest {
    private static final Bytes PATH = Bytes.ofHex("0302080001000200" + "7fff0400");

    private static LoadOption option(int attributes, String description) {
        return new LoadOption(attributes, description, DevicePath.parse(PATH), PATH, Bytes.ofHex("c0ffee"));
    }

    @Test
    void entriesComeInBootOrder() {
        VarStore store = EmptyStore.of(StoreSize.M4);
        store = BootConfiguration.setEntry(store, 0, option(1, "first made"));
        store = BootConfiguration.setEntry(store, 0x1a, option(9, "first booted"));
        store = BootConfiguration.setEntry(store, 5, option(0, "not in the order"));
        store = BootConfiguration.setOrder(store, List.of(0x1a, 0, 0xffff));
        store = BootConfiguration.setNext(store, 5);

        BootConfiguration boot = BootConfiguration.of(VarStore.parse(store.toBytes()));

        assertThat(boot.order()).containsExactly(0x1a, 0, 0xffff);
        assertThat(boot.next()).hasValue(5);
        assertThat(boot.current()).isEmpty();
        assertThat(boot.problems()).isEmpty();
        assertThat(boot.entries())
                .containsExactly(
                        new BootEntry(0x1a, option(9, "first booted")),
                        new BootEntry(0, option(1, "first made")),
                        new BootEntry(5, option(0, "not in the order")));
        assertThat(boot.entries().get(0).name()).isEqualTo("Boot001A");
        assertThat(boot.entries().get(0).option().path().text()).isEqualTo("Scsi(0x1,0x2)");
        assertThat(boot.entries()).extracting(entry -> entry.option().active()).containsExactly(true, true, false);
        assertThat(boot.entries()).extracting(entry -> entry.option().hidden()).containsExactly(true, false, false);
    }

    @Test
    void onlyTheSpecificationsOwnNamesAreEntries() {
        VarStore store = EmptyStore.of(StoreSize.M4);
        for (String name : List.of("Boot001a", "Boot1", "Boot00011", "BootABCG")) {
            store = store.set(Variable.of(
                    VariableKey.global(name),
                    Attributes.BOOT_VARIABLE,
                    option(1, "x").encode()));
        }
        store = store.set(Variable.of(
                new VariableKey("Boot0001", Vendors.SHIM),
                Attributes.BOOT_VARIABLE,
                option(1, "x").encode()));

        assertThat(BootConfiguration.of(store).entries()).isEmpty();
    }

    @Test
    void whatAGuestWroteWrongDoesNotHideTheRest() {
        VarStore store = BootConfiguration.setEntry(EmptyStore.of(StoreSize.M4), 1, option(1, "good"));
        for (String name : List.of("Boot0002", "BootNext", "BootOrder")) {
            store = store.set(Variable.of(VariableKey.global(name), Attributes.BOOT_VARIABLE, Bytes.ofHex("010000")));
        }

        BootConfiguration boot = BootConfiguration.of(store);

        assertThat(boot.entries()).extracting(BootEntry::number).containsExactly(1);
        assertThat(boot.order()).containsExactly(1);
        assertThat(boot.next()).isEmpty();
        assertThat(boot.problems()).hasSize(3).anyMatch(problem -> problem.startsWith("Boot0002"));
    }

    @Test
    void aLoadOptionIsWrittenAsItWasRead() {
        Bytes data = option(0x101, "Linux \u00e9").encode();

        assertThat(LoadOption.parse(data).encode()).isEqualTo(data);
        assertThat(LoadOption.parse(data).optionalData()).isEqualTo(Bytes.ofHex("c0ffee"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01000000", "010000000400", "0100000004004100", "01000000040041000000"})
    void aLoadOptionThatIsCutOffIsRefused(String hex) {
        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> LoadOption.parse(Bytes.ofHex(hex)))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.LOAD_OPTION));
    }

    @Test
    void anEmptyOrderIsNoVariable() {
        VarStore store = BootConfiguration.setOrder(EmptyStore.of(StoreSize.M2), List.of(1));

        assertThat(BootConfiguration.setOrder(store, List.of()).variables()).isEmpty();
    }
}
