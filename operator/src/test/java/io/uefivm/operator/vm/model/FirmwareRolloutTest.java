package io.uefivm.operator.vm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uefivm.api.v1alpha1.RolloutPart;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FirmwareRolloutTest {
    private static final List<String> VMS = IntStream.range(0, 2_000)
            .mapToObj(i -> UUID.nameUUIDFromBytes(Integer.toString(i).getBytes(StandardCharsets.UTF_8))
                    .toString())
            .toList();

    private static Set<String> taking(int percentage) {
        FirmwareRollout policy = new FirmwareRollout(percentage, Map.of());
        return VMS.stream()
                .filter(vm -> policy.partOf(vm, Map.of("a", "b")) == RolloutPart.Taking)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 50, 99, 100})
    void aPercentageIsThatPartOfTheVms(int percentage) {
        assertThat(taking(percentage).size() * 100.0 / VMS.size()).isBetween(percentage - 3.0, percentage + 3.0);
        assertThat(taking(0)).isEmpty();
        assertThat(taking(100)).hasSameSizeAs(VMS);
    }

    @Test
    void whoTakesPartStaysInWhenThePercentageIsRaised() {
        Set<String> before = new HashSet<>();
        for (int percentage = 0; percentage <= 100; percentage += 5) {
            assertThat(taking(percentage)).containsAll(before);
            before = taking(percentage);
        }
    }

    @Test
    void allLabelsHaveToMatchAndNoneMatchNobody() {
        FirmwareRollout policy = new FirmwareRollout(0, Map.of("ring", "canary", "site", "b"));
        assertThat(policy.partOf("u", Map.of("ring", "canary", "site", "b", "x", "y")))
                .isEqualTo(RolloutPart.Taking);
        assertThat(policy.partOf("u", Map.of("ring", "canary"))).isEqualTo(RolloutPart.Held);
        assertThat(new FirmwareRollout(0, Map.of()).partOf("u", Map.of("ring", "canary")))
                .isEqualTo(RolloutPart.Held);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 101})
    void whatIsNoPercentageIsRefused(int percentage) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FirmwareRollout(percentage, Map.of()))
                .withMessageContaining("not " + percentage);
    }
}
