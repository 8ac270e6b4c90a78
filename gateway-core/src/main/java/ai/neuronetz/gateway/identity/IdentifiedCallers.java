package ai.neuronetz.gateway.identity;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the host's word for who is calling, and the terms from the key that the host names.
 *
 * <p>Terms are cached like those of verified keys, and compared with the ledger's revision in the same way. There is no bar
 * for many failures: nothing can be guessed here. Thread-safe; waits for the store within its deadline.
 */
@Internal
public final class IdentifiedCallers implements Authenticator {

    private static final Logger LOG = LoggerFactory.getLogger(IdentifiedCallers.class);

    /** In place of the look-up code: there is no secret that could be right or wrong. */
    private static final byte[] NO_CODE = new byte[0];

    private static final Authentication UNKNOWN = new Authentication.Refused(
            Denial.of(Reason.CALLER_UNKNOWN).with(Map.of("WWW-Authenticate", "Bearer realm=\"neuronetz-gateway\"")));
    private static final Authentication CROSS_ORIGIN =
            new Authentication.Refused(Denial.of(Reason.CROSS_ORIGIN_REFUSED));

    private final CallerIdentification callers;
    private final KeyStore keyStore;
    private final CurrentTerms terms;
    private final VerifiedKeys known;
    private final Counter cacheHits;
    private final Counter unverifiable;

    /** @param registry takes {@code gateway.auth.cache.hits} and {@code gateway.auth.unverifiable} */
    public IdentifiedCallers(CallerIdentification callers, KeyStore keyStore, MeterRegistry registry) {
        this(callers, keyStore, registry, Ticker.systemTicker());
    }

    IdentifiedCallers(CallerIdentification callers, KeyStore keyStore, MeterRegistry registry, Ticker ticker) {
        this.callers = requireNonNull(callers, "callers");
        this.keyStore = requireNonNull(keyStore, "keyStore");
        this.known = new VerifiedKeys(ticker);
        this.cacheHits = registry.counter("gateway.auth.cache.hits");
        this.unverifiable = registry.counter("gateway.auth.unverifiable");
        this.terms = new CurrentTerms(keyStore, unverifiable);
    }

    @Override
    public Authentication authenticate(ClientRequest request) {
        if (ForeignOrigin.caused(request)) {
            return CROSS_ORIGIN;
        }
        Optional<KeyId> key = requireNonNull(callers.identify(request), "identify returned null");
        return key.map(this::principal).orElse(UNKNOWN);
    }

    private Authentication principal(KeyId key) {
        Optional<Principal> cached = known.find(key, NO_CODE);
        if (cached.isPresent()) {
            cacheHits.increment();
            return new Authentication.Authenticated(cached.get());
        }
        try {
            long changes = known.changes();
            Optional<StoredKey> stored = keyStore.find(key).filter(StoredKey::usable);
            stored.ifPresent(found -> known.remember(found.principal(), NO_CODE, changes));
            return stored.<Authentication>map(found -> new Authentication.Authenticated(found.principal()))
                    .orElse(UNKNOWN);
        } catch (StoreUnavailableException e) {
            LOG.debug("the key store did not answer while a caller's terms were looked up", e);
            unverifiable.increment();
            return new Authentication.Refused(Denial.of(Reason.IDENTITY_UNVERIFIABLE));
        }
    }

    @Override
    public Currency check(Principal principal) {
        return terms.check(principal);
    }

    @Override
    public void forget(Principal principal) {
        forget(principal.keyId());
    }

    /** Forgets what is cached of the key, because it or its tenant changed. */
    public void forget(KeyId key) {
        known.forget(key);
    }
}
