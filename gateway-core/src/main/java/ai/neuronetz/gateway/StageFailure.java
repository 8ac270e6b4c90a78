package ai.neuronetz.gateway;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A stage threw, or left out its answer. Ends in a denial; the message is for the log and names the stage. */
final class StageFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StageFailure(String stage, Object implementation, String what, @Nullable Throwable cause) {
        super("the " + stage + " (" + implementation.getClass().getName() + ") " + what, cause);
    }

    /** The answer of a stage, which is there or else an exception that names the stage. */
    @SuppressWarnings("CatchingUnchecked") // also a missing class and a stack that is too deep are the stage's
    static <T> T orAnswer(String stage, Object implementation, Supplier<? extends @Nullable T> question) {
        T answer;
        try {
            answer = question.get();
        } catch (Throwable e) {
            throw new StageFailure(
                    stage, implementation, "threw " + e.getClass().getName(), e);
        }
        if (answer == null) {
            throw new StageFailure(stage, implementation, "answered null", null);
        }
        return answer;
    }
}
