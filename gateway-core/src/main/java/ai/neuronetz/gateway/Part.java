package ai.neuronetz.gateway;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One part of a pipeline that is to be built: the gateway's, the gateway's with something around it, or the embedder's. */
final class Part<T> {

    private final String name;
    private final String wrapName;
    private @Nullable T replacement;
    private @Nullable UnaryOperator<T> wrapper;

    /** @param name of the method that replaces it */
    Part(String name) {
        this.name = name;
        this.wrapName = "wrap" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    void replace(T part) {
        requireNonNull(part, name);
        requireUntouched(name);
        replacement = part;
    }

    void wrap(UnaryOperator<T> around) {
        requireNonNull(around, wrapName);
        requireUntouched(wrapName);
        wrapper = around;
    }

    String name() {
        return name;
    }

    boolean replaced() {
        return replacement != null;
    }

    /** The embedder's own, or null. */
    @Nullable
    T replacement() {
        return replacement;
    }

    boolean wrapped() {
        return wrapper != null;
    }

    /** The embedder's own, or else the gateway's, with what is to be around it. */
    T orOurs(Supplier<T> ours) {
        return replacement == null ? around(ours.get()) : replacement;
    }

    /** The gateway's with what is to be around it. */
    T around(T ours) {
        if (wrapper == null) {
            return ours;
        }
        T outer;
        try {
            outer = wrapper.apply(ours);
        } catch (RuntimeException e) {
            throw new ConfigurationException(
                    wrapName + " failed: its function threw " + e.getClass().getName(), e);
        }
        if (outer == null) {
            throw new ConfigurationException(wrapName
                    + " failed: its function returned null; let it return what it was given, or something around it");
        }
        return outer;
    }

    private void requireUntouched(String method) {
        if (replacement != null || wrapper != null) {
            String before = replacement == null ? wrapName : name;
            throw new ConfigurationException(
                    before.equals(method)
                            ? method + " is called twice; call it once"
                            : name + " and " + wrapName
                                    + " are both called; what is replaced cannot be wrapped: put what"
                                    + " shall be around your own around it yourself");
        }
    }
}
