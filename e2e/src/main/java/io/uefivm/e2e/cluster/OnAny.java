package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.function.Consumer;

/** Hears of every object that comes, changes or goes. */
public record OnAny<T>(Consumer<T> listener) implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
        listener.accept(object);
    }

    @Override
    public void onUpdate(T before, T after) {
        listener.accept(after);
    }

    @Override
    public void onDelete(T object, boolean unknown) {
        listener.accept(object);
    }
}
