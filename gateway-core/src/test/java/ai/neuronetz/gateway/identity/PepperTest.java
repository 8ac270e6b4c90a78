package ai.neuronetz.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PepperTest {

    private final byte[] bytes = random(32);
    private final ApiKey key = ApiKey.generate();

    @Test
    void the_look_up_code_is_hmac_sha_256_of_the_whole_key() throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(bytes, "HmacSHA256"));

        assertThat(Pepper.of(bytes).lookupCode(key))
                .isEqualTo(mac.doFinal(key.reveal().getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void base64_base64url_and_hexadecimal_text_give_the_same_pepper() {
        byte[] code = Pepper.of(bytes).lookupCode(key);

        assertThat(Pepper.parse(Base64.getEncoder().encodeToString(bytes) + "\n")
                        .lookupCode(key))
                .isEqualTo(code);
        assertThat(Pepper.parse(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))
                        .lookupCode(key))
                .isEqualTo(code);
        assertThat(Pepper.parse(HexFormat.of().formatHex(bytes)).lookupCode(key))
                .isEqualTo(code);
        assertThat(Pepper.parse(HexFormat.of().withUpperCase().formatHex(bytes)).lookupCode(key))
                .isEqualTo(code);
    }

    @Test
    void one_byte_too_short_is_refused_and_not_repeated() {
        String text = Base64.getEncoder().encodeToString(random(31));

        assertThatThrownBy(() -> Pepper.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("31 bytes (expected: at least 32)")
                .hasMessageNotContaining(text);
        assertThatThrownBy(() -> Pepper.of(random(31))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Pepper.parse("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void text_that_is_neither_base64_nor_hexadecimal_is_refused_and_not_repeated() {
        assertThatThrownBy(() -> Pepper.parse("correct horse battery staple, over and over again!"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pepper: neither Base64 nor hexadecimal; make one with: openssl rand -base64 32")
                .hasNoCause();
    }

    @Test
    void one_byte_repeated_is_no_pepper() {
        assertThatThrownBy(() -> Pepper.of(new byte[32])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Pepper.parse("a".repeat(64))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_code_matches_its_own_key_and_pepper_only() {
        Pepper pepper = Pepper.of(bytes);
        byte[] code = pepper.lookupCode(key);

        assertThat(pepper.matches(key, code)).isTrue();
        assertThat(pepper.matches(ApiKey.generate(), code)).isFalse();
        assertThat(pepper.matches(key, Arrays.copyOf(code, 31))).isFalse();
        assertThat(pepper.matches(key, new byte[0])).isFalse();
        assertThat(Pepper.of(random(32)).matches(key, code)).isFalse();
    }

    @Test
    void changing_the_array_afterwards_changes_nothing() {
        byte[] given = bytes.clone();
        Pepper pepper = Pepper.of(given);
        byte[] code = pepper.lookupCode(key);

        given[0]++;

        assertThat(pepper.lookupCode(key)).isEqualTo(code);
    }

    @Test
    void threads_do_not_disturb_each_other() throws Exception {
        Pepper pepper = Pepper.of(bytes);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Boolean> one = () -> {
                ApiKey own = ApiKey.generate();
                byte[] code = Pepper.of(bytes).lookupCode(own);
                return IntStream.range(0, 2_000).allMatch(ignored -> Arrays.equals(code, pepper.lookupCode(own)));
            };
            for (Future<Boolean> each : threads.invokeAll(Collections.nCopies(4, one))) {
                assertThat(each.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void it_does_not_print_itself() {
        assertThat(Pepper.of(bytes)).hasToString("Pepper[hidden]");
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    @Test
    void a_fingerprint_tells_peppers_apart_and_is_part_of_none() {
        String hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        Pepper pepper = Pepper.parse(hex);

        assertThat(pepper.fingerprint())
                .matches("[0-9a-f]{16}")
                .isEqualTo(Pepper.parse(hex).fingerprint())
                .isNotEqualTo(Pepper.parse(hex.replace("1f", "2f")).fingerprint());
        assertThat(hex).doesNotContain(pepper.fingerprint());
    }
}
