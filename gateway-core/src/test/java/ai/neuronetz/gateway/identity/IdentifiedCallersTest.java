package ai.neuronetz.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Authenticator.Currency;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class IdentifiedCallersTest {

    private static final KeyId KEY = new KeyId("AAAAAAAAAAAA");

    private final InMemoryKeyStore keyStore = new InMemoryKeyStore();
    private final FakeTicker ticker = new FakeTicker();
    private final IdentifiedCallers callers = new IdentifiedCallers(
            request -> request.userPrincipal().map(user -> new KeyId(user.getName())),
            keyStore,
            new SimpleMeterRegistry(),
            ticker);

    @Test
    void a_caller_the_host_knows_has_the_terms_of_the_key_that_stands_for_it() {
        stored(1, true);

        assertThat(callers.authenticate(called("AAAAAAAAAAAA")))
                .isEqualTo(new Authentication.Authenticated(keyStore.stored(KEY).principal()));
        callers.authenticate(called("AAAAAAAAAAAA"));
        assertThat(keyStore.finds).as("the second time from memory").hasValue(1);

        ticker.advance(Duration.ofSeconds(61));
        callers.authenticate(called("AAAAAAAAAAAA"));
        assertThat(keyStore.finds).as("for a minute").hasValue(2);
    }

    @Test
    void a_caller_the_host_does_not_know_is_unknown_and_no_store_is_asked() {
        stored(1, true);

        assertThat(reason(request("POST", Map.of()))).isEqualTo(Reason.CALLER_UNKNOWN);
        assertThat(keyStore.finds).hasValue(0);
    }

    @Test
    void a_key_that_is_revoked_expired_or_not_there_stands_for_nobody() {
        assertThat(reason(called("AAAAAAAAAAAA"))).isEqualTo(Reason.CALLER_UNKNOWN);
        stored(1, false);

        assertThat(reason(called("AAAAAAAAAAAA"))).isEqualTo(Reason.CALLER_UNKNOWN);
        assertThat(keyStore.finds).as("a refusal is not remembered").hasValue(2);
    }

    @Test
    void terms_that_cannot_be_looked_up_are_a_denial() {
        stored(1, true);
        keyStore.reachable = false;

        assertThat(reason(called("AAAAAAAAAAAA"))).isEqualTo(Reason.IDENTITY_UNVERIFIABLE);
    }

    @Test
    void cached_terms_are_compared_with_the_store_and_forgotten_when_they_changed() {
        stored(1, true);
        Principal before = ((Authentication.Authenticated) callers.authenticate(called("AAAAAAAAAAAA"))).principal();
        assertThat(callers.check(before)).isEqualTo(Currency.CURRENT);
        stored(2, true);
        assertThat(callers.check(before)).isEqualTo(Currency.OUTDATED);

        callers.forget(before);

        assertThat(callers.authenticate(called("AAAAAAAAAAAA")))
                .isEqualTo(new Authentication.Authenticated(keyStore.stored(KEY).principal()));
        keyStore.reachable = false;
        assertThat(callers.check(before)).isEqualTo(Currency.UNVERIFIABLE);
    }

    @Test
    void a_key_that_changes_while_it_is_looked_up_is_not_remembered() {
        stored(1, true);
        keyStore.afterFind = () -> callers.forget(KEY);

        callers.authenticate(called("AAAAAAAAAAAA"));
        callers.authenticate(called("AAAAAAAAAAAA"));

        assertThat(keyStore.finds).hasValue(2);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "POST, -,           -,                       true",
                "POST, same-origin, https://chat.example,    true",
                "POST, none,        -,                       true",
                "POST, cross-site,  -,                       false",
                "POST, cross-site,  https://app.example,     false",
                "POST, same-site,   https://app.example,     false",
                "POST, '',          -,                       false",
                "POST, -,           https://app.example,     true",
                "POST, -,           http://APP.example,      true",
                "POST, -,           https://chat.example,    false",
                "POST, -,           https://app.example:444, false",
                "POST, -,           null,                    false",
                "POST, -,           '',                      false",
                "OPTIONS, cross-site, https://chat.example,  false",
                "GET,  cross-site,  https://chat.example,    true",
                "HEAD, cross-site,  https://chat.example,    true"
            })
    void a_page_of_another_origin_may_not_use_what_a_browser_sends_by_itself(
            String method, String site, String origin, boolean served) {
        stored(1, true);
        Map<String, List<String>> headers = new HashMap<>(Map.of("Host", List.of("app.example")));
        if (site != null) {
            headers.put("Sec-Fetch-Site", List.of(site));
        }
        if (origin != null) {
            headers.put("Origin", List.of(origin));
        }
        ClientRequest request = request(method, headers).withUserPrincipal(() -> "AAAAAAAAAAAA");

        if (served) {
            assertThat(callers.authenticate(request)).isInstanceOf(Authentication.Authenticated.class);
        } else {
            assertThat(reason(request)).isEqualTo(Reason.CROSS_ORIGIN_REFUSED);
            assertThat(keyStore.finds).hasValue(0);
        }
        assertThat(callers.authenticate(request.withAllowedOrigin()))
                .as("with an origin on the list")
                .isInstanceOf(Authentication.Authenticated.class);
    }

    @Test
    void a_page_of_which_two_things_are_said_is_foreign() {
        assertThat(reason(request("POST", Map.of("Sec-Fetch-Site", List.of("same-origin", "cross-site")))))
                .isEqualTo(Reason.CROSS_ORIGIN_REFUSED);
        assertThat(reason(request("POST", Map.of("Origin", List.of("https://app.example")))))
                .as("without a host to compare with")
                .isEqualTo(Reason.CROSS_ORIGIN_REFUSED);
    }

    private void stored(long revision, boolean usable) {
        Principal principal =
                new Principal("acme", KEY, ModelPolicy.none(), Limits.none(), Limits.none(), null, revision);
        keyStore.put(new StoredKey(principal, new byte[32], "", usable));
    }

    private Reason reason(ClientRequest request) {
        return ((Authentication.Refused) callers.authenticate(request)).denial().reason();
    }

    private static ClientRequest called(String user) {
        return request("POST", Map.of()).withUserPrincipal(() -> user);
    }

    private static ClientRequest request(String method, Map<String, List<String>> headers) {
        return new ClientRequest(method, "/api/chat", headers, InetAddress.getLoopbackAddress());
    }
}
