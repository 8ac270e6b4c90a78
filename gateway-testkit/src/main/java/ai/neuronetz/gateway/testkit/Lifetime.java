package ai.neuronetz.gateway.testkit;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What an extension runs: one for all tests of a class and the classes nested in it, or one for each test. Not thread-safe. */
final class Lifetime<T> {

    private final String name;
    private final Supplier<T> start;
    private final Consumer<T> stop;
    private @Nullable T running;
    /** The class whose tests share one; null if each has its own. */
    private @Nullable String owner;

    /** @param name what it is, for those who ask for it when there is none */
    Lifetime(String name, Supplier<T> start, Consumer<T> stop) {
        this.name = name;
        this.start = start;
        this.stop = stop;
    }

    /** @throws IllegalStateException outside a test */
    T get() {
        T current = running;
        if (current == null) {
            throw new IllegalStateException(name + " runs only while a test does");
        }
        return current;
    }

    boolean isRunning() {
        return running != null;
    }

    void beforeAll(ExtensionContext context) {
        // A nested class goes on with that of the class around it.
        if (running == null) {
            running = start.get();
            owner = context.getUniqueId();
        }
    }

    void beforeEach() {
        if (running == null) {
            running = start.get();
        }
    }

    void afterEach() {
        if (owner == null) {
            end();
        }
    }

    void afterAll(ExtensionContext context) {
        if (context.getUniqueId().equals(owner)) {
            owner = null;
            end();
        }
    }

    private void end() {
        T last = running;
        running = null;
        if (last != null) {
            stop.accept(last);
        }
    }
}
