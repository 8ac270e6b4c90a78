package ai.neuronetz.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ApiKeyTest {

    // The checksum was computed with another implementation: Python's zlib.crc32.
    private static final String KNOWN = "nng_0123456789AB_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ4RkhbF";

    @Test
    void a_generated_key_reads_back_as_itself() {
        ApiKey key = ApiKey.generate();

        assertThat(ApiKey.parse(key.reveal())).hasValueSatisfying(read -> {
            assertThat(read.reveal()).isEqualTo(key.reveal());
            assertThat(read.id()).isEqualTo(key.id());
        });
        assertThat(key.reveal()).hasSize(66).matches("nng_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}");
    }

    @Test
    void a_key_made_elsewhere_by_the_published_rule_is_read() {
        assertThat(ApiKey.parse(KNOWN))
                .hasValueSatisfying(key -> assertThat(key.id()).isEqualTo(new KeyId("0123456789AB")));
    }

    @Test
    void a_small_checksum_is_padded_with_zeros_on_the_left() {
        assertThat(ApiKey.parse("nng_NAoQeQJHEd0s_fUM5rGVkPTq2RGVX9K9DlO77ouvK9UeXpStwX9yVr9s0088fZ"))
                .isPresent();
    }

    @Test
    void every_change_of_one_character_is_noticed() {
        String valid = ApiKey.generate().reveal();
        String characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_- \u00e9\uff10";
        int read = 0;
        for (int index = 0; index < valid.length(); index++) {
            for (int other = 0; other < characters.length(); other++) {
                String changed = valid.substring(0, index) + characters.charAt(other) + valid.substring(index + 1);
                if (!changed.equals(valid) && ApiKey.parse(changed).isPresent()) {
                    read++;
                }
            }
        }

        assertThat(read).isZero();
    }

    @Test
    void every_other_length_is_refused() {
        String valid = ApiKey.generate().reveal();
        for (int length = 0; length < valid.length(); length++) {
            assertThat(ApiKey.parse(valid.substring(0, length))).isEmpty();
            assertThat(ApiKey.parse(valid.substring(length + 1))).isEmpty();
        }
        assertThat(ApiKey.parse(valid + "0")).isEmpty();
        assertThat(ApiKey.parse(valid + valid)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\t", "\n", "\r", "\0", "\u00a0", "\ufeff", "\""})
    void nothing_may_stand_around_it(String extra) {
        String valid = ApiKey.generate().reveal();

        assertThat(ApiKey.parse(extra + valid)).isEmpty();
        assertThat(ApiKey.parse(valid + extra)).isEmpty();
        assertThat(ApiKey.parse(extra + valid.substring(1))).isEmpty();
        assertThat(ApiKey.parse(valid.substring(0, 65) + extra)).isEmpty();
    }

    @Test
    void letters_and_digits_of_other_scripts_are_refused() {
        String valid = ApiKey.generate().reveal();

        assertThat(ApiKey.parse(valid.substring(0, 20) + "\u0661" + valid.substring(21)))
                .isEmpty();
        assertThat(ApiKey.parse(valid.substring(0, 20) + "\u0430" + valid.substring(21)))
                .isEmpty();
        // U+0130 lower-cases to a letter of the alphabet and a combining dot.
        assertThat(ApiKey.parse(valid.substring(0, 20) + "\u0130" + valid.substring(21)))
                .isEmpty();
    }

    @Test
    void the_prefix_is_case_sensitive() {
        assertThat(ApiKey.parse("NNG" + ApiKey.generate().reveal().substring(3)))
                .isEmpty();
    }

    @Test
    void the_scanner_pattern_finds_a_key_in_text_and_no_longer_word() {
        Pattern pattern = Pattern.compile(ApiKey.SCANNER_PATTERN);
        String key = ApiKey.generate().reveal();

        assertThat(pattern.matcher("KEY=\"" + key + "\"").find()).isTrue();
        assertThat(pattern.matcher(key + "0").find()).isFalse();
    }

    @Test
    void ten_thousand_keys_are_all_different() {
        Set<String> secrets = new HashSet<>();
        for (int count = 0; count < 10_000; count++) {
            String key = ApiKey.generate().reveal();
            secrets.add(key.substring(17, 60));
        }

        assertThat(secrets).hasSize(10_000);
    }

    @Test
    void only_its_id_is_printed() {
        ApiKey key = ApiKey.generate();

        assertThat(key).hasToString("ApiKey[" + key.id() + "]");
        assertThat(new Credentials.WellFormed(key).toString())
                .doesNotContain(key.reveal().substring(17));
    }
}
