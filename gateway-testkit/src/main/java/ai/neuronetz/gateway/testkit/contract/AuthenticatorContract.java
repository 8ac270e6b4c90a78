package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.identity.Authentication;
import ai.neuronetz.gateway.identity.Authentication.Authenticated;
import ai.neuronetz.gateway.identity.Authentication.Refused;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.Authenticator.Currency;
import ai.neuronetz.gateway.identity.Principal;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What an {@link Authenticator} promises. It must allow a test some thirty failed attempts from {@code 127.0.0.1}.
 */
public abstract class AuthenticatorContract extends SpiContract {

    private static final String SENT = "d0-n0t-tell";

    private static final List<Map<String, List<String>>> NOBODY = List.of(
            Map.of(),
            authorization(""),
            authorization("Bearer"),
            authorization("Bearer "),
            authorization("Basic " + SENT),
            authorization("Bearer " + SENT),
            authorization("Bearer \u0000\uffff" + SENT),
            authorization("Bearer " + "x".repeat(100_000)),
            authorization("Bearer " + SENT, "Bearer " + SENT),
            Map.of("cookie", List.of("session=" + SENT, "=;=\"")));

    /** The implementation; the same for all calls of one test. */
    protected abstract Authenticator authenticator();

    /** A request that it lets in. */
    protected abstract ClientRequest recognised();

    /** Takes away, at its source, what a principal may do. By default the test of it is skipped. */
    protected void revoke(Principal principal) {
        skipped("revoke");
    }

    @Test
    void a_request_that_it_knows_has_a_principal() {
        assertThat(authenticator().authenticate(recognised())).isInstanceOf(Authenticated.class);
    }

    @Test
    void nobody_and_nonsense_are_refused_with_a_value_and_not_with_an_exception() {
        Authenticator authenticator = authenticator();
        for (Map<String, List<String>> headers : NOBODY) {
            Authentication answer = authenticator.authenticate(request(headers));
            assertThat(answer)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.denial().reason().status())
                                    .isBetween(400, 503));
        }
    }

    @Test
    void a_refusal_repeats_nothing_of_what_was_sent() {
        Authenticator authenticator = authenticator();
        for (Map<String, List<String>> headers : NOBODY) {
            assertThat(authenticator.authenticate(request(headers)).toString()).doesNotContain(SENT);
        }
    }

    @Test
    void the_same_request_is_the_same_principal_to_many_threads_at_once() {
        Authenticator authenticator = authenticator();
        ClientRequest request = recognised();
        Authentication alone = authenticator.authenticate(request);

        assertThat(atOnce(16, caller -> authenticator.authenticate(request))).containsOnly(alone);
    }

    @Test
    void strangers_at_the_same_time_are_not_taken_for_somebody() {
        Authenticator authenticator = authenticator();
        ClientRequest request = recognised();
        ClientRequest stranger = request(Map.of());

        List<Boolean> right = atOnce(
                16,
                caller -> caller % 2 == 0
                        ? authenticator.authenticate(request) instanceof Authenticated
                        : authenticator.authenticate(stranger) instanceof Refused);

        assertThat(right).containsOnly(true);
    }

    @Test
    void a_principal_of_this_moment_is_current() {
        Authenticator authenticator = authenticator();

        assertThat(authenticator.check(principal(authenticator))).isEqualTo(Currency.CURRENT);
    }

    @Test
    void forgetting_takes_no_right_away_and_may_be_repeated() {
        Authenticator authenticator = authenticator();
        Principal principal = principal(authenticator);

        authenticator.forget(principal);
        authenticator.forget(principal);

        assertThat(principal(authenticator)).isEqualTo(principal);
    }

    @Test
    void a_principal_whose_right_was_taken_away_is_not_current_and_once_forgotten_refused() {
        Authenticator authenticator = authenticator();
        ClientRequest request = recognised();
        Authentication before = authenticator.authenticate(request);
        Principal principal = ((Authenticated) before).principal();

        revoke(principal);

        assertThat(authenticator.check(principal)).isEqualTo(Currency.OUTDATED);
        authenticator.forget(principal);
        assertThat(authenticator.authenticate(request)).isInstanceOf(Refused.class);
    }

    @Test
    void while_the_store_hangs_nobody_waits_longer_than_the_deadline_and_nobody_new_is_let_in() {
        Authenticator authenticator = authenticator();
        ClientRequest request = recognised();
        Principal principal = principal(authenticator);
        authenticator.forget(principal);

        whileStoreHangs(() -> {
            assertThat(within(deadline(), () -> authenticator.check(principal))).isEqualTo(Currency.UNVERIFIABLE);
            assertThat(within(deadline(), () -> authenticator.authenticate(request)))
                    .isInstanceOf(Refused.class);
        });
    }

    private Principal principal(Authenticator authenticator) {
        Authentication answer = authenticator.authenticate(recognised());
        assertThat(answer).isInstanceOf(Authenticated.class);
        return ((Authenticated) answer).principal();
    }

    private static ClientRequest request(Map<String, List<String>> headers) {
        return new ClientRequest("POST", "/api/chat", headers, InetAddress.getLoopbackAddress());
    }

    private static Map<String, List<String>> authorization(String... values) {
        return Map.of("authorization", List.of(values));
    }
}
