package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;

/** Leaves the recursion through a request's fields; never leaves this package. */
final class RefusedFieldException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Denial denial;

    RefusedFieldException(Denial denial) {
        super(denial.reason().code(), null, false, false);
        this.denial = denial;
    }

    /** A known field has a type or value that is not accepted. */
    static RefusedFieldException invalid(String path) {
        return new RefusedFieldException(Denial.ofField(Reason.INVALID_FIELD, path));
    }

    static RefusedFieldException missing(String path) {
        return new RefusedFieldException(Denial.ofField(Reason.MISSING_FIELD, path));
    }

    /** Two keys are one to Ollama, or a key is a known field to Ollama only. */
    static RefusedFieldException ambiguous() {
        return new RefusedFieldException(Denial.of(Reason.INVALID_JSON));
    }

    Denial denial() {
        return denial;
    }
}
