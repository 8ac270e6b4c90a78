package ai.neuronetz.gateway.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.Counter;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs Argon2id: few at a time, and once for all callers that ask for the same key at the same time.
 *
 * <p>That a key fits its stored string never changes, so it is remembered for an hour after its last use: a key whose entry
 * among the {@linkplain VerifiedKeys verified keys} ran out is looked up again, but not hashed again. Thread-safe; blocks for
 * a bounded time.
 */
final class KeyProofs {

    enum Outcome {
        PROVEN,
        DISPROVEN,
        /** Too many others wait, or have waited too long. */
        BUSY
    }

    private static final int MAX_REMEMBERED = 50_000;
    private static final Duration REMEMBERED_FOR = Duration.ofHours(1);

    private final BiPredicate<ApiKey, String> verification;
    private final Bounds bounds;
    private final Counter runs;
    private final Semaphore permits;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ConcurrentMap<Proof, CompletableFuture<Outcome>> running = new ConcurrentHashMap<>();
    private final Cache<KeyId, Proof> proven;

    /**
     * @param verification whether the key fits the PHC string; expensive
     * @param runs counts each run of Argon2id
     */
    KeyProofs(BiPredicate<ApiKey, String> verification, Bounds bounds, Ticker ticker, Counter runs) {
        this.verification = verification;
        this.bounds = bounds;
        this.runs = runs;
        this.permits = new Semaphore(bounds.concurrency(), true);
        this.proven = Caffeine.newBuilder()
                .maximumSize(MAX_REMEMBERED)
                .expireAfterAccess(REMEMBERED_FOR)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Whether the key fits the PHC string. Only for a key whose look-up code was found to be right, so that nobody without a
     * real key can cause a run.
     */
    Outcome prove(ApiKey key, byte[] lookupCode, String phc) {
        Proof proof = new Proof(lookupCode, phc);
        if (isProven(key.id(), proof)) {
            return Outcome.PROVEN;
        }
        CompletableFuture<Outcome> own = new CompletableFuture<>();
        CompletableFuture<Outcome> others = running.putIfAbsent(proof, own);
        if (others != null) {
            return follow(others);
        }
        Outcome outcome = Outcome.BUSY;
        try {
            // Again, because whoever ran it may have ended between the look above and the entry in "running".
            outcome = isProven(key.id(), proof) ? Outcome.PROVEN : run(key, phc);
            if (outcome == Outcome.PROVEN) {
                proven.put(key.id(), proof);
            }
        } finally {
            running.remove(proof, own);
            own.complete(outcome);
        }
        return outcome;
    }

    /**
     * Whether exactly this key was proven within the hour. It was real then, though it may have been revoked since; see
     * {@link #forget}.
     */
    boolean isKnown(KeyId keyId, byte[] lookupCode) {
        Proof proof = proven.getIfPresent(keyId);
        return proof != null && MessageDigest.isEqual(proof.lookupCode, lookupCode);
    }

    /** Forgets a key that turned out not to be usable any more; not one that somebody merely guesses at. */
    void forget(KeyId keyId, byte[] lookupCode) {
        if (isKnown(keyId, lookupCode)) {
            proven.invalidate(keyId);
        }
    }

    /** Runs a hash that can be left out; empty if it would have to wait. */
    Optional<String> hashIfIdle(Supplier<String> hash) {
        if (!permits.tryAcquire()) {
            return Optional.empty();
        }
        try {
            runs.increment();
            return Optional.of(hash.get());
        } finally {
            permits.release();
        }
    }

    /** Callers that wait for their run. */
    int waiting() {
        return waiting.get();
    }

    private boolean isProven(KeyId keyId, Proof proof) {
        return proof.equals(proven.getIfPresent(keyId));
    }

    private Outcome run(ApiKey key, String phc) {
        if (!enter()) {
            return Outcome.BUSY;
        }
        try {
            runs.increment();
            return verification.test(key, phc) ? Outcome.PROVEN : Outcome.DISPROVEN;
        } finally {
            permits.release();
        }
    }

    private boolean enter() {
        if (permits.tryAcquire()) {
            return true;
        }
        try {
            return waiting.incrementAndGet() <= bounds.maxWaiting()
                    && permits.tryAcquire(bounds.maxWait().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** Waits for another caller's run: for its turn, and as long again for the run itself. */
    private Outcome follow(CompletableFuture<Outcome> others) {
        try {
            return others.get(2 * bounds.maxWait().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            return Outcome.BUSY;
        } catch (ExecutionException | TimeoutException exception) {
            return Outcome.BUSY;
        }
    }

    /**
     * How much Argon2id may run.
     *
     * @param concurrency runs at once
     * @param maxWaiting callers that may wait for one
     * @param maxWait how long each of them waits at most
     */
    record Bounds(int concurrency, int maxWaiting, Duration maxWait) {

        /** A quarter of the processors, at least one; 16 callers wait, half a second at most. */
        static Bounds standard() {
            int processors = Runtime.getRuntime().availableProcessors();
            return new Bounds(Math.max(1, processors / 4), 16, Duration.ofMillis(500));
        }
    }

    /** Which key fits which string, without the key. */
    private static final class Proof {

        private final byte[] lookupCode;
        private final String phc;

        Proof(byte[] lookupCode, String phc) {
            this.lookupCode = lookupCode;
            this.phc = phc;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Proof proof
                    && phc.equals(proof.phc)
                    && MessageDigest.isEqual(lookupCode, proof.lookupCode);
        }

        @Override
        public int hashCode() {
            return phc.hashCode();
        }
    }
}
