package ai.neuronetz.gateway.identity;

import static ai.neuronetz.gateway.identity.AuthenticatorHarness.PEER;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.authorization;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.bearer;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.denial;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.request;
import static ai.neuronetz.gateway.identity.AuthenticatorHarness.wrongSecret;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Authentication.Authenticated;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HostileCallersTest {

    private final AuthenticatorHarness harness = new AuthenticatorHarness();
    private final KeyAuthenticator authenticator = harness.builder().build();
    private final ApiKey key = harness.issue();

    @Nested
    class A_flood_of_bogus_keys {

        @Test
        void never_runs_argon2_whatever_it_looks_like_and_from_wherever_it_comes() {
            authenticator.authenticate(bearer(key));
            double before = harness.count("gateway.auth.argon2.runs");

            for (int attempt = 0; attempt < 20_000; attempt++) {
                ApiKey bogus = attempt % 2 == 0 ? wrongSecret(key) : ApiKey.generate();
                Map<String, List<String>> headers = Map.of("authorization", List.of("Bearer " + bogus.reveal()));
                String peer = "198.51." + attempt / 256 % 256 + "." + attempt % 256;
                assertThat(authenticator.authenticate(request("/api/chat", headers, peer)))
                        .isNotInstanceOf(Authenticated.class);
            }

            assertThat(harness.count("gateway.auth.argon2.runs")).isEqualTo(before);
        }

        @Test
        void would_run_argon2_each_time_without_the_look_up_code() {
            KeyAuthenticator unshielded = harness.builder().unshielded().build();

            for (int attempt = 0; attempt < 5; attempt++) {
                assertThat(denial(unshielded.authenticate(bearer(wrongSecret(key))))
                                .reason())
                        .isEqualTo(Reason.INVALID_API_KEY);
            }

            assertThat(harness.count("gateway.auth.argon2.runs")).isEqualTo(5);
        }

        @Test
        void of_a_known_key_does_not_make_that_key_be_hashed_again() {
            authenticator.authenticate(bearer(key));
            for (int attempt = 0; attempt < 9; attempt++) {
                authenticator.authenticate(bearer(wrongSecret(key)));
            }
            harness.ticker.advance(Duration.ofMinutes(2));

            authenticator.authenticate(bearer(key));

            assertThat(harness.count("gateway.auth.argon2.runs")).isEqualTo(1);
        }

        @Test
        void stops_asking_stores_once_its_source_is_barred() {
            fail(10);
            int finds = harness.keyStore.finds.get();
            int calls = harness.authFailures.calls.get();

            for (int attempt = 0; attempt < 1_000; attempt++) {
                assertThat(denial(authenticator.authenticate(bearer(wrongSecret(key))))
                                .reason())
                        .isEqualTo(Reason.TOO_MANY_AUTH_FAILURES);
            }

            assertThat(harness.keyStore.finds).hasValue(finds);
            assertThat(harness.authFailures.calls).hasValue(calls);
        }
    }

    @Nested
    class A_barred_source {

        @Test
        void had_ten_failures_and_may_try_again_after_six_seconds() {
            fail(10);

            assertThat(denial(authenticator.authenticate(bearer(key))))
                    .isEqualTo(Denial.of(Reason.TOO_MANY_AUTH_FAILURES, Duration.ofSeconds(6)));

            harness.ticker.advance(Duration.ofSeconds(6));
            assertThat(authenticator.authenticate(bearer(key))).isInstanceOf(Authenticated.class);
        }

        @Test
        void has_as_many_failures_as_the_operator_allows() {
            KeyAuthenticator stricter = harness.builder().failuresPerMinute(2).build();
            stricter.authenticate(authorization("Bearer rubbish"));
            stricter.authenticate(authorization("Bearer rubbish"));

            assertThat(denial(stricter.authenticate(authorization("Bearer rubbish"))))
                    .isEqualTo(Denial.of(Reason.TOO_MANY_AUTH_FAILURES, Duration.ofSeconds(30)));
        }

        @Test
        void gets_nothing_else_without_or_with_conflicting_credentials() {
            fail(10);

            assertBarred(request("/api/chat", Map.of(), PEER));
            assertBarred(authorization("a", "b"));
            assertBarred(authorization("Bearer rubbish"));
        }

        @Test
        void does_not_bar_another_one() {
            fail(10);
            Map<String, List<String>> headers = Map.of("authorization", List.of("Bearer " + key.reveal()));

            assertThat(authenticator.authenticate(request("/api/chat", headers, "192.0.2.8")))
                    .isInstanceOf(Authenticated.class);
        }

        @Test
        void is_a_whole_ipv6_network() {
            for (int attempt = 0; attempt < 10; attempt++) {
                authenticator.authenticate(
                        request("/", Map.of("authorization", List.of("x")), "2001:db8:1:2::" + (attempt + 1)));
            }

            assertBarred(request("/", Map.of("authorization", List.of("x")), "2001:db8:1:2:ffff::1"));
            assertThat(denial(authenticator.authenticate(
                                    request("/", Map.of("authorization", List.of("x")), "2001:db8:1:3::1")))
                            .reason())
                    .isEqualTo(Reason.INVALID_API_KEY);
        }

        @Test
        void is_the_client_behind_a_trusted_proxy_and_not_the_proxy() {
            KeyAuthenticator behindProxy =
                    harness.builder().trustedProxies(TrustedProxies.parse(PEER)).build();
            Map<String, List<String>> hostile =
                    Map.of("authorization", List.of("x"), "x-forwarded-for", List.of("1.1.1.1, 198.51.100.1"));
            Map<String, List<String>> neighbour =
                    Map.of("authorization", List.of("x"), "x-forwarded-for", List.of("198.51.100.2"));
            for (int attempt = 0; attempt < 10; attempt++) {
                behindProxy.authenticate(request("/", hostile, PEER));
            }

            assertThat(denial(behindProxy.authenticate(request("/", hostile, PEER)))
                            .reason())
                    .isEqualTo(Reason.TOO_MANY_AUTH_FAILURES);
            assertThat(denial(behindProxy.authenticate(request("/", neighbour, PEER)))
                            .reason())
                    .isEqualTo(Reason.INVALID_API_KEY);
        }

        @Test
        void still_serves_a_key_that_was_verified_before() {
            authenticator.authenticate(bearer(key));
            fail(10);

            assertThat(authenticator.authenticate(bearer(key))).isInstanceOf(Authenticated.class);
        }

        @Test
        void still_serves_that_key_when_its_cache_entry_has_run_out() {
            authenticator.authenticate(bearer(key));
            harness.ticker.advance(Duration.ofSeconds(61));
            fail(10);

            assertThat(authenticator.authenticate(bearer(key))).isInstanceOf(Authenticated.class);
        }

        @Test
        void gets_one_look_at_the_store_for_a_key_that_was_revoked() {
            authenticator.authenticate(bearer(key));
            fail(10);
            harness.store(key, 2, false);
            authenticator.forget(key.id());
            int finds = harness.keyStore.finds.get();

            assertThat(denial(authenticator.authenticate(bearer(key))).reason()).isEqualTo(Reason.INVALID_API_KEY);
            assertBarred(bearer(key));
            assertThat(harness.keyStore.finds).hasValue(finds + 1);
        }

        @Test
        void may_have_been_barred_by_another_replica_which_is_asked_once() {
            harness.authFailures.bars.put(PEER, Duration.ofSeconds(17));

            for (int attempt = 0; attempt < 5; attempt++) {
                assertThat(denial(authenticator.authenticate(bearer(key))))
                        .isEqualTo(Denial.of(Reason.TOO_MANY_AUTH_FAILURES, Duration.ofSeconds(17)));
            }

            assertThat(harness.authFailures.calls).hasValue(1);
            assertThat(harness.keyStore.finds).hasValue(0);
        }

        private void assertBarred(ClientRequest request) {
            assertThat(denial(authenticator.authenticate(request)).reason()).isEqualTo(Reason.TOO_MANY_AUTH_FAILURES);
        }
    }

    private void fail(int times) {
        for (int attempt = 0; attempt < times; attempt++) {
            assertThat(denial(authenticator.authenticate(bearer(wrongSecret(key))))
                            .reason())
                    .isEqualTo(Reason.INVALID_API_KEY);
        }
    }
}
