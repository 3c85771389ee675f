package io.uefivm.operator.vm.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecDigestsTest {
    private static SpecDigests of(String spec) {
        return SpecDigests.of(Serialization.unmarshal("---\n" + spec, UefiVirtualMachineSpec.class));
    }

    @Test
    void whatIsWrittenIsRead() {
        SpecDigests digests = of("{memory: {size: 1Gi}, nodeSelector: {a: b}}");
        assertThat(SpecDigests.parse(digests.text())).contains(digests);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "x", "="})
    void nothingIsReadFromSomethingElse(String text) {
        assertThat(SpecDigests.parse(text)).isEmpty();
    }

    @Test
    void orderOfKeysAndWrittenDefaultsAreNoDifference() {
        assertThat(of("{memory: {size: 1Gi}, nodeSelector: {a: x, b: y, c: z}}")
                        .differing(of("{nodeSelector: {c: z, b: y, a: x}, memory: {size: 1Gi}, cpu: {cores: 1}}")))
                .isEmpty();
    }

    @Test
    void theLongestSpecHasAShortText() {
        String variable = "{name: V%d, guid: 11111111-2222-3333-4444-555555555555, text: \"%s\"}";
        StringBuilder variables = new StringBuilder();
        for (int i = 0; i < 64; i++) {
            variables.append(i == 0 ? "" : ", ").append(variable.formatted(i, "x".repeat(4096)));
        }
        assertThat(of("{memory: {size: 1Gi}, firmware: {variables: [" + variables + "]}}")
                        .text())
                .hasSizeLessThan(1024);
    }
}
