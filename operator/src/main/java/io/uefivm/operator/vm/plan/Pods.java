package io.uefivm.operator.vm.plan;

import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Deletes pods. */
final class Pods {
    private Pods() {}

    static List<Action> withDeletions(Machine vm, List<Action> actions, List<PodView> pods) {
        List<Action> all = new ArrayList<>(actions);
        pods.forEach(pod -> all.addAll(delete(vm, pod)));
        return all;
    }

    /** Deletes a pod, unless that was asked for already. */
    static List<Action> delete(Machine vm, PodView pod) {
        if (pod.deleting()) {
            return List.of();
        }
        long grace = pod.ended().isPresent() ? 0 : vm.podGraceSeconds();
        return List.of(new Action.DeletePod(pod.name(), pod.uid(), grace));
    }

    static String names(List<PodView> pods) {
        Stream<String> names = pods.stream().map(PodView::name).sorted();
        return String.join(", ", names.toList());
    }
}
