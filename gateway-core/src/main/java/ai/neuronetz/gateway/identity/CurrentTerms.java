package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Authenticator.Currency;
import io.micrometer.core.instrument.Counter;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a principal, perhaps from a cache, is still what the store says. Thread-safe; waits for the store. */
final class CurrentTerms {

    private static final Logger LOG = LoggerFactory.getLogger(CurrentTerms.class);

    private final KeyStore keyStore;
    private final Counter unverifiable;

    CurrentTerms(KeyStore keyStore, Counter unverifiable) {
        this.keyStore = keyStore;
        this.unverifiable = unverifiable;
    }

    Currency check(Principal principal) {
        try {
            OptionalLong revision = keyStore.revision(principal.keyId());
            boolean current = revision.isPresent() && revision.getAsLong() == principal.revision();
            return current ? Currency.CURRENT : Currency.OUTDATED;
        } catch (StoreUnavailableException exception) {
            LOG.debug("The key store did not answer while a principal was checked", exception);
            unverifiable.increment();
            return Currency.UNVERIFIABLE;
        }
    }
}
