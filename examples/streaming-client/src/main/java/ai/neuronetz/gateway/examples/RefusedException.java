package ai.neuronetz.gateway.examples;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The gateway said no. Nothing was asked of the model, and nothing was charged. */
public final class RefusedException extends IOException {

    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final @Nullable Duration retryAfter;

    RefusedException(int status, String code, @Nullable Duration retryAfter) {
        super(status + " " + code);
        this.status = status;
        this.code = code;
        this.retryAfter = retryAfter;
    }

    public int status() {
        return status;
    }

    /** One of the codes in docs/API.md. */
    public String code() {
        return code;
    }

    /** How long to wait before asking again; empty if that would not help. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
