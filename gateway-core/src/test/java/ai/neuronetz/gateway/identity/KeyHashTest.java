package ai.neuronetz.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class KeyHashTest {

    private static final Argon2Parameters SMALL = new Argon2Parameters(1024, 1, 1);

    private final ApiKey key = ApiKey.generate();

    @Test
    void the_standard_hash_is_argon2id_with_the_owasp_parameters() {
        String phc = KeyHash.standard().hash(key);

        // 16 bytes of salt and 32 of hash are 22 and 43 characters of unpadded Base64.
        assertThat(phc).matches("\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}");
        assertThat(KeyHash.standard().verify(key, phc)).isTrue();
        assertThat(KeyHash.standard().outdated(phc)).isFalse();
    }

    @Test
    void the_same_key_is_hashed_differently_each_time() {
        KeyHash small = KeyHash.with(SMALL);

        assertThat(small.hash(key)).isNotEqualTo(small.hash(key));
    }

    @Test
    void another_key_does_not_verify() {
        KeyHash small = KeyHash.with(SMALL);

        assertThat(small.verify(ApiKey.generate(), small.hash(key))).isFalse();
    }

    @Test
    void a_hash_under_other_parameters_verifies_and_is_outdated() {
        String phc = KeyHash.with(SMALL).hash(key);

        KeyHash other = KeyHash.with(new Argon2Parameters(1024, 2, 1));
        assertThat(other.verify(key, phc)).isTrue();
        assertThat(other.outdated(phc)).isTrue();
    }

    @Test
    void a_string_that_is_no_hash_verifies_nothing() {
        KeyHash small = KeyHash.with(SMALL);

        assertThat(small.verify(key, "")).isFalse();
        assertThat(small.verify(key, "$argon2id$")).isFalse();
        assertThat(small.verify(key, key.reveal())).isFalse();
        assertThat(small.verify(key, small.hash(key) + "$")).isFalse();
    }

    @Test
    void a_row_that_was_tampered_with_does_not_decide_how_much_memory_is_taken() {
        String phc = KeyHash.with(SMALL).hash(key);

        assertThat(KeyHash.with(SMALL).verify(key, phc.replace("m=1024", "m=9999999")))
                .isFalse();
        assertThat(KeyHash.with(SMALL).verify(key, phc.replace("t=1", "t=999"))).isFalse();
        assertThat(KeyHash.with(SMALL).verify(key, phc.replace("p=1", "p=0"))).isFalse();
    }

    @Test
    void parameters_out_of_range_are_refused() {
        assertThatThrownBy(() -> new Argon2Parameters(7, 1, 1))
                .hasMessage("memoryKibibytes: 7 (expected: 8 to 1048576)");
        assertThatThrownBy(() -> new Argon2Parameters(1024, 0, 1)).hasMessage("iterations: 0 (expected: 1 to 100)");
        assertThatThrownBy(() -> new Argon2Parameters(1024, 1, 0)).hasMessage("parallelism: 0 (expected: 1 to 16)");
    }
}
