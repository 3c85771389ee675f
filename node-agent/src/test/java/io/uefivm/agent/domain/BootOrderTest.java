package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BootOrderTest {
    @Test
    void isThatOfTheListsDisksFirst() {
        assertThat(names("""
                        networks: [{name: lan, user: {}}]
                        disks:
                        - {name: root, persistentVolumeClaim: {claimName: a}}
                        - {name: data, persistentVolumeClaim: {claimName: b}}
                        """)).containsExactly("root", "data", "lan");
    }

    @Test
    void putsThoseWithAPlaceOfTheirOwnFirst() {
        assertThat(names("""
                        disks:
                        - {name: root, persistentVolumeClaim: {claimName: a}}
                        - {name: data, bootOrder: 9, persistentVolumeClaim: {claimName: b}}
                        - {name: setup, bootOrder: 2, cdrom: {}, persistentVolumeClaim: {claimName: c}}
                        networks:
                        - {name: lan, user: {}}
                        - {name: pxe, bootOrder: 3, user: {}}
                        """)).containsExactly("setup", "pxe", "data", "root", "lan");
    }

    @Test
    void countsFromOne() {
        BootOrder order = order("disks: [{name: root, persistentVolumeClaim: {claimName: a}}]");

        assertThat(order.element("root").attributes()).containsEntry("order", "1");
    }

    private static List<String> names(String spec) {
        return order(spec).names();
    }

    private static BootOrder order(String spec) {
        return BootOrder.of(SampleVms.spec("memory: {size: 1Gi}\n" + spec));
    }
}
