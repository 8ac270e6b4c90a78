package ai.neuronetz.gateway.chaos;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Stands around the parts of a gateway, and at an armed point does what it was armed with, once. Thread-safe. */
final class CrashPoints {

    private final AtomicReference<Optional<Armed>> armed = new AtomicReference<>(Optional.empty());

    /** The next to pass {@code point} runs {@code action}; only one point is armed at a time. */
    void arm(CrashPoint point, Runnable action) {
        armed.set(Optional.of(new Armed(point, action)));
    }

    void disarm() {
        armed.set(Optional.empty());
    }

    /**
     * Around every method of an interface, so that methods which it has got since, and those with a default, go through too.
     *
     * @param steps the step's name by method; methods that are not named have no points
     */
    <T> T around(Class<T> type, T target, Map<String, String> steps) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    String step = steps.get(method.getName());
                    pass("BEFORE_", step);
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        pass("AFTER_", step);
                    }
                }));
    }

    private void pass(String side, @Nullable String step) {
        if (step == null) {
            return;
        }
        Optional<Armed> current = armed.get();
        if (current.isPresent()
                && current.get().point() == CrashPoint.valueOf(side + step)
                && armed.compareAndSet(current, Optional.empty())) {
            current.get().action().run();
        }
    }

    private record Armed(CrashPoint point, Runnable action) {}
}
