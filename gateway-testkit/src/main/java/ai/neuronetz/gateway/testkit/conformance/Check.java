package ai.neuronetz.gateway.testkit.conformance;

import java.util.function.Function;

/**
 * One guarantee and how to look at it.
 *
 * @param name what should be so
 * @param guarantee the section of the documentation that promises it
 * @param look asks the gateway; may throw if it gets no answer
 */
record Check(String name, String guarantee, Function<Target, Outcome> look) {

    Outcome run(Target target) {
        try {
            return look.apply(target);
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Outcome.Failed("no answer that can be read: " + cause);
        }
    }
}
