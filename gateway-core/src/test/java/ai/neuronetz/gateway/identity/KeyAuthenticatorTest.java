package ai.neuronetz.gateway.identity;

import static ai.neuronetz.gateway.identity.AuthenticatorHarness.authorization;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.bearer;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.denial;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.request;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.wrongSecret;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Authentication.Authenticated;
import ai.neuronetz.gateway.identity.Authenticator.Currency;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class KeyAuthenticatorTest {

    private final AuthenticatorHarness harness = new AuthenticatorHarness();
    private final KeyAuthenticator authenticator = harness.builder().build();
    private final ApiKey key = harness.issue();

    @Nested
    class Credentials {

        @Test
        void a_bearer_key_is_who_the_store_says() {
            assertThat(authenticator.authenticate(bearer(key)))
                    .isEqualTo(
                            new Authenticated(harness.keyStore.stored(key.id()).principal()));
        }

        @Test
        void the_scheme_may_be_written_in_any_case() {
            assertThat(authenticator.authenticate(authorization("bEARER " + key.reveal())))
                    .isInstanceOf(Authenticated.class);
        }

        @Test
        void two_authorization_headers_conflict_even_if_they_are_equal() {
            String header = "Bearer " + key.reveal();

            Denial denial = denial(authenticator.authenticate(authorization(header, header)));

            assertThat(denial).isEqualTo(Denial.of(Reason.CONFLICTING_CREDENTIALS));
        }

        @Test
        void x_api_key_counts_on_the_anthropic_endpoint_only() {
            Map<String, List<String>> headers = Map.of("X-Api-Key", List.of(key.reveal()));

            for (String target : List.of("/v1/messages", "/v1/messages?beta=true")) {
                assertThat(authenticator.authenticate(request(target, headers, "192.0.2.7")))
                        .isInstanceOf(Authenticated.class);
            }
            for (String target : List.of(
                    "/v1/chat/completions",
                    "/v1/messages/",
                    "/v1/messages/count_tokens",
                    "/v1/messages?beta=false",
                    "/v1/Messages",
                    "/api/chat",
                    "")) {
                Denial denial = denial(authenticator.authenticate(request(target, headers, "192.0.2.7")));
                assertThat(denial.headers()).containsValue("Bearer realm=\"neuronetz-gateway\"");
            }
        }

        @Test
        void two_keys_on_the_anthropic_endpoint_conflict() {
            String text = key.reveal();

            for (Map<String, List<String>> headers : List.<Map<String, List<String>>>of(
                    Map.of("authorization", List.of("Bearer " + text), "x-api-key", List.of(text)),
                    Map.of("x-api-key", List.of(text, text)))) {
                Denial denial = denial(authenticator.authenticate(request("/v1/messages", headers, "192.0.2.7")));
                assertThat(denial.reason()).isEqualTo(Reason.CONFLICTING_CREDENTIALS);
            }
        }

        @Test
        void a_forwarded_address_that_is_none_is_not_accepted() {
            KeyAuthenticator behindProxy = harness.builder()
                    .trustedProxies(TrustedProxies.parse("192.0.2.0/24"))
                    .build();
            Map<String, List<String>> headers =
                    Map.of("authorization", List.of("Bearer " + key.reveal()), "x-forwarded-for", List.of("rubbish"));

            assertThat(denial(behindProxy.authenticate(request("/api/chat", headers, "192.0.2.7"))))
                    .isEqualTo(Denial.of(Reason.INVALID_FORWARDED_FOR));
        }
    }

    @Nested
    class Answers {

        @Test
        void are_identical_for_every_key_that_is_not_valid() {
            ApiKey revoked = ApiKey.generate();
            harness.store(revoked, 1, false);
            ApiKey atOdds = ApiKey.generate();
            harness.store(atOdds, 1, true, harness.pepper, AuthenticatorHarness.SMALL_HASH.hash(key));
            String text = key.reveal();
            KeyAuthenticator patient = harness.builder().failuresPerMinute(1000).build();

            List<Denial> denials = Stream.of(
                            bearer(ApiKey.generate()),
                            bearer(wrongSecret(key)),
                            bearer(revoked),
                            bearer(atOdds),
                            authorization(""),
                            authorization("Bearer"),
                            authorization("Bearer "),
                            authorization("Bearer  " + text),
                            authorization(" Bearer " + text),
                            authorization("Bearer " + text + " "),
                            authorization("Bearer " + text + ", Bearer " + text),
                            authorization("Bearer\t" + text),
                            authorization(text),
                            authorization("Basic " + text),
                            authorization("Bearer " + text.substring(0, 65) + (text.endsWith("0") ? "1" : "0")),
                            authorization("Bearer sk-1234567890"))
                    .map(patient::authenticate)
                    .map(AuthenticatorHarness::denial)
                    .toList();

            assertThat(denials)
                    .containsOnly(new Denial(
                            Reason.INVALID_API_KEY,
                            null,
                            null,
                            Map.of("WWW-Authenticate", "Bearer realm=\"neuronetz-gateway\", error=\"invalid_token\"")));
            assertThat(harness.authFailures.recorded).containsEntry("192.0.2.7", denials.size());
            assertThat(harness.count("gateway.auth.failures")).isEqualTo(denials.size());
        }

        @Test
        void to_nobody_in_particular_carry_no_error_code_and_count_nothing() {
            Denial denial = denial(authenticator.authenticate(request("/api/chat", Map.of(), "192.0.2.7")));

            assertThat(denial)
                    .isEqualTo(new Denial(
                            Reason.INVALID_API_KEY,
                            null,
                            null,
                            Map.of("WWW-Authenticate", "Bearer realm=\"neuronetz-gateway\"")));
            assertThat(harness.authFailures.calls).hasValue(0);
        }

        @Test
        void name_no_secret() {
            String secret = key.reveal().substring(17);

            assertThat(authenticator.authenticate(bearer(key)).toString()).doesNotContain(secret);
            assertThat(authenticator.authenticate(bearer(wrongSecret(key))).toString())
                    .doesNotContain(secret);
            assertThat(bearer(key).toString()).doesNotContain(secret);
            assertThat(harness.meters.getMetersAsString())
                    .doesNotContain(key.id().value());
        }
    }

    @Nested
    class The_cache {

        @Test
        void spares_the_stores_for_sixty_seconds() {
            authenticator.authenticate(bearer(key));
            int finds = harness.keyStore.finds.get();
            int calls = harness.authFailures.calls.get();
            harness.ticker.advance(Duration.ofSeconds(60).minusMillis(1));

            assertThat(authenticator.authenticate(bearer(key))).isInstanceOf(Authenticated.class);

            assertThat(harness.keyStore.finds).hasValue(finds);
            assertThat(harness.authFailures.calls).hasValue(calls);
            assertThat(harness.count("gateway.auth.cache.hits")).isEqualTo(1);
        }

        @Test
        void looks_again_after_sixty_seconds_without_hashing_again() {
            authenticator.authenticate(bearer(key));
            Principal changed = harness.store(
                    key,
                    2,
                    true,
                    harness.pepper,
                    harness.keyStore.stored(key.id()).phc());
            harness.ticker.advance(Duration.ofSeconds(60));

            assertThat(authenticator.authenticate(bearer(key))).isEqualTo(new Authenticated(changed));
            assertThat(harness.count("gateway.auth.argon2.runs")).isEqualTo(1);
        }

        @Test
        void hashes_again_if_the_stored_hash_is_another_one() {
            authenticator.authenticate(bearer(key));
            harness.store(key, 2, true);
            harness.ticker.advance(Duration.ofSeconds(60));

            authenticator.authenticate(bearer(key));

            assertThat(harness.count("gateway.auth.argon2.runs")).isEqualTo(2);
        }

        @Test
        void is_not_open_to_a_wrong_secret_of_a_key_in_it() {
            authenticator.authenticate(bearer(key));

            assertThat(denial(authenticator.authenticate(bearer(wrongSecret(key))))
                            .reason())
                    .isEqualTo(Reason.INVALID_API_KEY);
            assertThat(harness.count("gateway.auth.cache.hits")).isZero();
        }

        @Test
        void forgets_one_key_or_all() {
            Principal principal = harness.keyStore.stored(key.id()).principal();
            List<Runnable> forgetting = List.of(
                    () -> authenticator.forget(principal),
                    () -> authenticator.forget(key.id()),
                    authenticator::forgetAll);
            for (Runnable forget : forgetting) {
                authenticator.authenticate(bearer(key));
                int finds = harness.keyStore.finds.get();

                forget.run();
                authenticator.authenticate(bearer(key));

                assertThat(harness.keyStore.finds).hasValue(finds + 1);
            }
        }

        @Test
        void does_not_keep_what_was_read_before_it_was_told_to_forget() {
            harness.keyStore.afterFind = () -> authenticator.forget(key.id());

            authenticator.authenticate(bearer(key));
            authenticator.authenticate(bearer(key));

            assertThat(harness.count("gateway.auth.cache.hits")).isZero();
        }
    }

    @Nested
    class Checking_a_principal {

        private final Principal principal = harness.keyStore.stored(key.id()).principal();

        @Test
        void says_current_while_the_revision_is_the_same() {
            assertThat(authenticator.check(principal)).isEqualTo(Currency.CURRENT);
        }

        @Test
        void says_outdated_after_a_change_and_after_a_revocation() {
            harness.store(key, 2, true);
            assertThat(authenticator.check(principal)).isEqualTo(Currency.OUTDATED);

            harness.store(key, 1, false);
            assertThat(authenticator.check(principal)).isEqualTo(Currency.OUTDATED);
        }

        @Test
        void says_unverifiable_while_the_store_is_out_of_reach() {
            harness.keyStore.reachable = false;

            assertThat(authenticator.check(principal)).isEqualTo(Currency.UNVERIFIABLE);
        }
    }

    @Nested
    class Without_a_store {

        @Test
        void an_unknown_bar_is_a_refusal_for_good_and_bad_keys_alike() {
            harness.authFailures.readable = false;

            assertUnverifiable(bearer(key));
            assertUnverifiable(bearer(ApiKey.generate()));
            assertUnverifiable(authorization("Bearer rubbish"));
        }

        @Test
        void an_unreachable_key_store_is_a_refusal_for_known_and_unknown_keys_alike() {
            harness.keyStore.reachable = false;

            assertUnverifiable(bearer(key));
            assertUnverifiable(bearer(ApiKey.generate()));
        }

        @Test
        void a_failure_that_cannot_be_counted_is_a_refusal_and_counts_here() {
            harness.authFailures.writable = false;

            for (int attempt = 0; attempt < 10; attempt++) {
                assertUnverifiable(bearer(wrongSecret(key)));
            }

            assertThat(denial(authenticator.authenticate(bearer(wrongSecret(key))))
                            .reason())
                    .isEqualTo(Reason.TOO_MANY_AUTH_FAILURES);
        }

        @Test
        void a_key_whose_cache_entry_ran_out_is_refused() {
            authenticator.authenticate(bearer(key));
            harness.ticker.advance(Duration.ofSeconds(60));
            harness.keyStore.reachable = false;

            assertUnverifiable(bearer(key));
        }

        private void assertUnverifiable(ClientRequest request) {
            assertThat(denial(authenticator.authenticate(request)))
                    .isEqualTo(new Denial(Reason.IDENTITY_UNVERIFIABLE, null, Duration.ofSeconds(1), Map.of()));
        }
    }

    @Nested
    class Changed_secrets {

        @Test
        void a_hash_under_old_parameters_is_replaced_on_the_next_use() {
            KeyHash old = KeyHash.with(new Argon2Parameters(512, 1, 1));
            harness.store(key, 1, true, harness.pepper, old.hash(key));

            assertThat(authenticator.authenticate(bearer(key))).isInstanceOf(Authenticated.class);

            String phc = harness.keyStore.stored(key.id()).phc();
            assertThat(AuthenticatorHarness.SMALL_HASH.outdated(phc)).isFalse();
            assertThat(AuthenticatorHarness.SMALL_HASH.verify(key, phc)).isTrue();
        }

        @Test
        void a_hash_that_cannot_be_replaced_now_is_replaced_later() {
            KeyHash old = KeyHash.with(new Argon2Parameters(512, 1, 1));
            harness.store(key, 1, true, harness.pepper, old.hash(key));
            harness.keyStore.afterFind = () -> harness.keyStore.reachable = false;

            assertThat(authenticator.authenticate(bearer(key))).isInstanceOf(Authenticated.class);
            assertThat(old.outdated(harness.keyStore.stored(key.id()).phc())).isFalse();

            harness.keyStore.reachable = true;
            harness.keyStore.afterFind = () -> {};
            harness.ticker.advance(Duration.ofMinutes(1));
            authenticator.authenticate(bearer(key));
            assertThat(old.outdated(harness.keyStore.stored(key.id()).phc())).isTrue();
        }

        @Test
        void a_code_under_the_previous_pepper_is_accepted_only_if_that_is_given() {
            Pepper previous = Pepper.parse("0123456789abcdef".repeat(4));
            harness.store(key, 1, true, previous, AuthenticatorHarness.SMALL_HASH.hash(key));
            KeyAuthenticator rotating =
                    harness.builder().previousPepper(previous).build();

            assertThat(rotating.authenticate(bearer(key))).isInstanceOf(Authenticated.class);
            assertThat(rotating.authenticate(bearer(key))).isInstanceOf(Authenticated.class);
            assertThat(harness.count("gateway.auth.cache.hits")).isEqualTo(1);
            assertThat(denial(authenticator.authenticate(bearer(key))).reason()).isEqualTo(Reason.INVALID_API_KEY);
        }
    }

    @Nested
    class Building {

        @Test
        void names_the_part_that_is_missing() {
            assertThatThrownBy(() -> KeyAuthenticator.builder().build())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("keyStore");
            assertThatThrownBy(() -> KeyAuthenticator.builder()
                            .keyStore(harness.keyStore)
                            .authFailures(harness.authFailures)
                            .build())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("pepper");
        }

        @Test
        void refuses_a_limit_of_nothing() {
            assertThatThrownBy(() -> KeyAuthenticator.builder().failuresPerMinute(0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("failuresPerMinute: 0 (expected: 1 to 100000)");
        }
    }
}
