package ai.neuronetz.gateway.metering;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tokens held for one admitted request: the proof, by type, that it was metered.
 *
 * <p>Made by a {@link Meter} only, handed to the fourth stage, and to be settled by the fifth, exactly once: until then the tokens
 * are held. One that is never settled is charged in full some time later. Thread-safe; no method blocks.
 */
public final class Reservation {

    private final UUID requestId;
    private final Principal principal;
    private final Grant grant;
    private final Map<String, String> headers;
    private final Consumer<Settlement> onSettled;
    private final long madeAt = System.nanoTime();
    private final AtomicReference<@Nullable Settlement> settled = new AtomicReference<>();
    private final AtomicBoolean forwarded = new AtomicBoolean();

    Reservation(
            UUID requestId,
            Principal principal,
            Grant grant,
            Map<String, String> headers,
            Consumer<Settlement> onSettled) {
        this.requestId = requireNonNull(requestId, "requestId");
        this.principal = requireNonNull(principal, "principal");
        this.grant = requireNonNull(grant, "grant");
        this.headers = Map.copyOf(headers);
        this.onSettled = requireNonNull(onSettled, "onSettled");
    }

    public UUID requestId() {
        return requestId;
    }

    public Principal principal() {
        return principal;
    }

    public Grant grant() {
        return grant;
    }

    /** What is reserved: input bound and output cap together. */
    public long tokens() {
        return grant.inputBound() + grant.outputCap();
    }

    /** The state of the limits after this reservation, as headers of the answer. */
    public Map<String, String> headers() {
        return headers;
    }

    /** How long ago it was made, by this process' monotone clock. */
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - madeAt);
    }

    /**
     * Claims the right to forward, which exists once: one reservation pays for one request.
     *
     * @throws IllegalStateException if it was claimed before, or the reservation is settled
     */
    public void claim() {
        if (settled.get() != null || !forwarded.compareAndSet(false, true)) {
            throw new IllegalStateException("reservation " + requestId + " was used before");
        }
    }

    /**
     * Says how the request ended. The first call counts. Does not block.
     *
     * @return whether this was the first
     */
    public boolean settle(Settlement settlement) {
        if (!settled.compareAndSet(null, requireNonNull(settlement, "settlement"))) {
            return false;
        }
        onSettled.accept(settlement);
        return true;
    }

    /** How the request ended, once that was said. */
    public Optional<Settlement> settlement() {
        return Optional.ofNullable(settled.get());
    }

    @Override
    public String toString() {
        return "Reservation[" + requestId + "]";
    }
}
