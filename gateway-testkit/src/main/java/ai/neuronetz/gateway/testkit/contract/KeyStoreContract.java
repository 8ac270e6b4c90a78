package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.KeyStore;
import ai.neuronetz.gateway.identity.StoredKey;
import org.junit.jupiter.api.Test;

/** What a {@link KeyStore} promises. */
public abstract class KeyStoreContract extends SpiContract {

    private static final KeyId UNKNOWN = new KeyId("zzzzzzzzzzzz");

    /** The implementation; the same for all calls of one test. */
    protected abstract KeyStore keyStore();

    /** A key that was just made and can be used. */
    protected abstract KeyId newKey();

    /** Revokes a key, and returns when that is durable. */
    protected abstract void revoke(KeyId key);

    @Test
    void a_key_is_found_and_its_revision_is_its_principals() {
        KeyStore keys = keyStore();
        KeyId key = newKey();

        StoredKey stored = keys.find(key).orElseThrow();

        assertThat(stored.usable()).isTrue();
        assertThat(stored.principal().keyId()).isEqualTo(key);
        assertThat(stored.lookupCode()).hasSize(32);
        assertThat(keys.revision(key)).hasValue(stored.principal().revision());
    }

    @Test
    void a_key_that_does_not_exist_is_empty_and_no_exception() {
        assertThat(keyStore().find(UNKNOWN)).isEmpty();
        assertThat(keyStore().revision(UNKNOWN)).isEmpty();
        keyStore().rehash(UNKNOWN, "old", "new");
        assertThat(keyStore().find(UNKNOWN)).isEmpty();
    }

    @Test
    void a_revoked_key_is_unusable_from_the_next_question_on() {
        KeyStore keys = keyStore();
        KeyId key = newKey();
        assertThat(keys.find(key).orElseThrow().usable()).isTrue();
        assertThat(keys.revision(key)).isPresent();

        revoke(key);

        assertThat(keys.find(key).orElseThrow().usable()).isFalse();
        assertThat(keys.revision(key)).isEmpty();
    }

    @Test
    void a_hash_is_replaced_only_where_it_is_still_the_old_one() {
        KeyStore keys = keyStore();
        KeyId key = newKey();
        String old = keys.find(key).orElseThrow().phc();
        String replacement = old.replaceFirst("m=\\d+", "m=65536");
        assertThat(replacement).as("a hash with other parameters").isNotEqualTo(old);

        keys.rehash(key, "not " + old, replacement);
        assertThat(keys.find(key).orElseThrow().phc()).isEqualTo(old);
        keys.rehash(key, old, replacement);
        assertThat(keys.find(key).orElseThrow().phc()).isEqualTo(replacement);
    }

    @Test
    void many_threads_at_once_each_find_the_key_they_asked_for() {
        KeyStore keys = keyStore();
        KeyId one = newKey();
        KeyId other = newKey();

        assertThat(atOnce(8, caller -> {
                    KeyId asked = caller % 2 == 0 ? one : other;
                    return patiently(() -> keys.find(asked).orElseThrow())
                            .principal()
                            .keyId()
                            .equals(asked);
                }))
                .containsOnly(true);
    }

    @Test
    void while_the_store_hangs_every_question_ends_within_the_deadline() {
        KeyStore keys = keyStore();
        KeyId key = newKey();
        keys.find(key);

        whileStoreHangs(() -> {
            assertThatThrownBy(() -> within(deadline(), () -> keys.find(key)))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> within(deadline(), () -> keys.revision(key)))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> within(deadline(), () -> {
                        keys.rehash(key, "old", "new");
                        return true;
                    }))
                    .isInstanceOf(StoreUnavailableException.class);
        });
    }
}
