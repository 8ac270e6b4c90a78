package ai.neuronetz.gateway.identity;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Authenticates callers by their API key.
 *
 * <p>The work is done in an order that makes hostile callers cheap: grammar and checksum, then the look-up code, then the
 * cache of verified keys, and only then stores. A source with too many failures is turned away before any store is asked,
 * but a key that was proven within the last hour is served even from there, so that one hostile neighbour behind the same
 * address does not lock out the others. Argon2id, the only expensive step, runs only after the look-up code was found to be
 * right, which takes a real key.
 *
 * <p>An unknown key id, a wrong secret, an expired and a revoked key take the same path and get the same answer.
 *
 * <p>Thread-safe. Waits for stores within their deadlines, and at most a second for Argon2id.
 */
@Internal
public final class KeyAuthenticator implements Authenticator {

    private static final Logger log = LoggerFactory.getLogger(KeyAuthenticator.class);

    private static final String CHALLENGE = "Bearer realm=\"neuronetz-gateway\"";

    /** RFC 6750, section 3.1: without credentials there is no error code. */
    private static final Denial MISSING = Denial.of(Reason.INVALID_API_KEY).with(Map.of("WWW-Authenticate", CHALLENGE));

    private static final Denial INVALID =
            Denial.of(Reason.INVALID_API_KEY).with(Map.of("WWW-Authenticate", CHALLENGE + ", error=\"invalid_token\""));

    /** Compared with in place of the code of a key that does not exist. */
    private static final byte[] NO_CODE = new byte[32];

    private final KeyStore keyStore;
    private final CurrentTerms terms;
    private final Pepper pepper;
    private final @Nullable Pepper previousPepper;
    private final TrustedProxies trustedProxies;
    private final boolean shielded;
    private final SourceFailures failures;
    private final VerifiedKeys verifiedKeys;
    private final KeyProofs proofs;
    private final KeyRehash rehash;
    private final Counter cacheHits;
    private final Counter unverifiable;
    private final Counter busy;

    private KeyAuthenticator(Builder builder) {
        this.keyStore = required(builder.keyStore, "keyStore");
        this.pepper = required(builder.pepper, "pepper");
        this.previousPepper = builder.previousPepper;
        this.trustedProxies = builder.trustedProxies;
        this.shielded = builder.shielded;
        this.failures = new SourceFailures(
                required(builder.authFailures, "authFailures"),
                builder.failuresPerMinute,
                builder.ticker,
                counter("gateway.auth.failures", "Callers turned away because of their credentials", builder));
        this.verifiedKeys = new VerifiedKeys(builder.ticker);
        this.proofs = new KeyProofs(
                builder.keyHash::verify,
                builder.bounds,
                builder.ticker,
                counter("gateway.auth.argon2.runs", "Runs of Argon2id", builder));
        Gauge.builder("gateway.auth.argon2.waiting", proofs, KeyProofs::waiting)
                .description("Callers that wait for a run of Argon2id")
                .register(builder.meterRegistry);
        this.busy = counter("gateway.auth.argon2.busy", "Callers denied because too many waited for Argon2id", builder);
        this.rehash = new KeyRehash(keyStore, builder.keyHash, proofs, builder.rehashExecutor);
        this.cacheHits = counter("gateway.auth.cache.hits", "Callers known without asking a store", builder);
        this.unverifiable =
                counter("gateway.auth.unverifiable", "Callers denied because nobody could say who they are", builder);
        this.terms = new CurrentTerms(keyStore, unverifiable);
    }

    private static Counter counter(String name, String description, Builder builder) {
        return Counter.builder(name).description(description).register(builder.meterRegistry);
    }

    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Authentication authenticate(ClientRequest request) {
        Optional<String> source = SourceAddress.of(request, trustedProxies);
        if (source.isEmpty()) {
            return refused(Denial.of(Reason.INVALID_FORWARDED_FOR));
        }
        Credentials credentials = Credentials.of(request);
        if (credentials instanceof Credentials.WellFormed wellFormed) {
            return withKey(source.get(), wellFormed.key());
        }
        Duration barred = failures.barredHere(source.get());
        if (!barred.isZero()) {
            return barred(barred);
        }
        if (credentials instanceof Credentials.Missing) {
            return refused(MISSING);
        }
        if (credentials instanceof Credentials.Conflicting) {
            return refused(Denial.of(Reason.CONFLICTING_CREDENTIALS));
        }
        return askingStores(() -> unlessBarredAnywhere(source.get(), () -> failed(source.get())));
    }

    @Override
    public Currency check(Principal principal) {
        return terms.check(principal);
    }

    @Override
    public void forget(Principal principal) {
        verifiedKeys.forget(principal.keyId());
    }

    /** Forgets what is cached of the key, because it or its tenant changed. */
    public void forget(KeyId keyId) {
        verifiedKeys.forget(keyId);
    }

    /** Forgets what is cached of all keys, because changes may have been missed. */
    public void forgetAll() {
        verifiedKeys.forgetAll();
    }

    private Authentication withKey(String source, ApiKey key) {
        byte[] lookupCode = pepper.lookupCode(key);
        Optional<Principal> verified = verifiedKeys.find(key.id(), lookupCode);
        if (verified.isPresent()) {
            cacheHits.increment();
            return new Authentication.Authenticated(verified.get());
        }
        if (proofs.isKnown(key.id(), lookupCode)) {
            return askingStores(() -> verify(source, key, lookupCode));
        }
        Duration barred = failures.barredHere(source);
        return barred.isZero()
                ? askingStores(() -> unlessBarredAnywhere(source, () -> verify(source, key, lookupCode)))
                : barred(barred);
    }

    private Authentication askingStores(Supplier<Authentication> decision) {
        try {
            return decision.get();
        } catch (StoreUnavailableException exception) {
            log.debug("A store did not answer while a key was verified", exception);
            return refusedAsUnverifiable();
        }
    }

    private Authentication unlessBarredAnywhere(String source, Supplier<Authentication> decision) {
        Duration barred = failures.barredAnywhere(source);
        return barred.isZero() ? decision.get() : barred(barred);
    }

    private Authentication verify(String source, ApiKey key, byte[] lookupCode) {
        long changes = verifiedKeys.changes();
        StoredKey stored = keyStore.find(key.id()).orElse(null);
        boolean same = isCodeOf(key, lookupCode, stored == null ? NO_CODE : stored.lookupCode());
        if (stored == null || !stored.usable() || (shielded && !same)) {
            proofs.forget(key.id(), lookupCode);
            return failed(source);
        }
        KeyProofs.Outcome outcome = proofs.prove(key, lookupCode, stored.phc());
        if (outcome == KeyProofs.Outcome.BUSY) {
            busy.increment();
            return refusedAsUnverifiable();
        }
        if (outcome == KeyProofs.Outcome.DISPROVEN) {
            return failed(source);
        }
        verifiedKeys.remember(stored.principal(), lookupCode, changes);
        rehash.startIfOutdated(key, stored.phc());
        return new Authentication.Authenticated(stored.principal());
    }

    /** Both peppers are tried in any case, so that the time does not tell under which one a code was made. */
    private boolean isCodeOf(ApiKey key, byte[] lookupCode, byte[] storedCode) {
        boolean current = MessageDigest.isEqual(lookupCode, storedCode);
        boolean previous = previousPepper != null && previousPepper.matches(key, storedCode);
        return current || previous;
    }

    private Authentication failed(String source) {
        failures.count(source);
        return refused(INVALID);
    }

    private Authentication refusedAsUnverifiable() {
        unverifiable.increment();
        return refused(Denial.of(Reason.IDENTITY_UNVERIFIABLE));
    }

    private static Authentication barred(Duration duration) {
        return refused(Denial.of(Reason.TOO_MANY_AUTH_FAILURES, duration));
    }

    private static Authentication refused(Denial denial) {
        return new Authentication.Refused(denial);
    }

    private static <T> T required(@Nullable T part, String name) {
        if (part == null) {
            throw new IllegalStateException(name + " is not set; call Builder." + name + " before build");
        }
        return part;
    }

    /** Builds a {@link KeyAuthenticator}. Not thread-safe; may be reused, what was built is unaffected. */
    public static final class Builder {

        private @Nullable KeyStore keyStore;
        private @Nullable AuthFailures authFailures;
        private @Nullable Pepper pepper;
        private @Nullable Pepper previousPepper;
        private KeyHash keyHash = KeyHash.standard();
        private TrustedProxies trustedProxies = TrustedProxies.none();
        private int failuresPerMinute = 10;
        private MeterRegistry meterRegistry = new SimpleMeterRegistry();
        private Executor rehashExecutor = ForkJoinPool.commonPool();
        private Ticker ticker = Ticker.systemTicker();
        private KeyProofs.Bounds bounds = KeyProofs.Bounds.standard();
        private boolean shielded = true;

        private Builder() {}

        /** Required. */
        public Builder keyStore(KeyStore keyStore) {
            this.keyStore = requireNonNull(keyStore, "keyStore");
            return this;
        }

        /** Required. Should allow as many failures per minute as {@link #failuresPerMinute}. */
        public Builder authFailures(AuthFailures authFailures) {
            this.authFailures = requireNonNull(authFailures, "authFailures");
            return this;
        }

        /** Required. */
        public Builder pepper(Pepper pepper) {
            this.pepper = requireNonNull(pepper, "pepper");
            return this;
        }

        /** Accepts look-up codes made under this pepper too, while keys are being replaced. Defaults to none. */
        public Builder previousPepper(Pepper previousPepper) {
            this.previousPepper = requireNonNull(previousPepper, "previousPepper");
            return this;
        }

        /** Keys hashed otherwise are hashed again when they are next used. Defaults to {@link KeyHash#standard}. */
        public Builder keyHash(KeyHash keyHash) {
            this.keyHash = requireNonNull(keyHash, "keyHash");
            return this;
        }

        /** Defaults to {@link TrustedProxies#none}. */
        public Builder trustedProxies(TrustedProxies trustedProxies) {
            this.trustedProxies = requireNonNull(trustedProxies, "trustedProxies");
            return this;
        }

        /**
         * Failures a source may have per minute, and at once. Defaults to 10.
         *
         * @throws IllegalArgumentException unless 1 to 100,000
         */
        public Builder failuresPerMinute(int failuresPerMinute) {
            if (failuresPerMinute < 1 || failuresPerMinute > 100_000) {
                throw new IllegalArgumentException(
                        "failuresPerMinute: " + failuresPerMinute + " (expected: 1 to 100000)");
            }
            this.failuresPerMinute = failuresPerMinute;
            return this;
        }

        /**
         * Takes the meters whose names begin with {@code gateway.auth}. Defaults to one that nobody reads.
         */
        public Builder meterRegistry(MeterRegistry meterRegistry) {
            this.meterRegistry = requireNonNull(meterRegistry, "meterRegistry");
            return this;
        }

        /** Where keys are hashed again; may block for a store's deadline. Defaults to the common pool. */
        public Builder rehashExecutor(Executor rehashExecutor) {
            this.rehashExecutor = requireNonNull(rehashExecutor, "rehashExecutor");
            return this;
        }

        Builder ticker(Ticker ticker) {
            this.ticker = ticker;
            return this;
        }

        Builder bounds(KeyProofs.Bounds bounds) {
            this.bounds = bounds;
            return this;
        }

        /** Lets Argon2id decide alone, to show in a test what the look-up code saves. */
        Builder unshielded() {
            this.shielded = false;
            return this;
        }

        /**
         * Builds the authenticator. The first one of a process runs Argon2id once.
         *
         * @throws IllegalStateException if a required part is not set
         */
        public KeyAuthenticator build() {
            KeyAuthenticator built = new KeyAuthenticator(this);
            keyHash.warmUp();
            return built;
        }
    }
}
