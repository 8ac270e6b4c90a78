package ai.neuronetz.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.examples.OwnUsers.User;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnUsersTest {

    private static final String CHAT =
            "{\"model\":\"llama3.2:3b\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static TestGateway stores;
    private static Server server;
    private static URI url;

    @BeforeAll
    static void start() throws Exception {
        stores = TestGateway.start();
        server = OwnUsers.start(
                0,
                stores.settings(),
                List.of(user("ann", oncePerMinute()), user("bob", oncePerMinute()), user("eve", revoked())));
        url = URI.create("http://127.0.0.1:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort());
        awaitHealthy();
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
        stores.close();
    }

    @Test
    void who_is_not_logged_in_reaches_nothing() throws Exception {
        assertThat(chat().statusCode()).isEqualTo(401);
        assertThat(chat("Authorization", basic("ann", "guessed")).statusCode()).isEqualTo(401);
        assertThat(chat("Authorization", "Bearer " + stores.tenant().key().secret())
                        .statusCode())
                .as("a key is no login here")
                .isEqualTo(401);
    }

    @Test
    void each_user_has_the_limits_of_their_own_key() throws Exception {
        assertThat(chat("Authorization", basic("ann", "secret of ann")).statusCode())
                .isEqualTo(200);
        assertThat(chat("Authorization", basic("ann", "secret of ann")).statusCode())
                .isEqualTo(429);
        assertThat(chat("Authorization", basic("bob", "secret of bob")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_user_whose_key_was_revoked_is_nobody_to_the_gateway() throws Exception {
        HttpResponse<String> answer = chat("Authorization", basic("eve", "secret of eve"));

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).contains("caller_unknown");
    }

    @Test
    void a_page_of_another_origin_cannot_use_the_login_that_a_browser_adds() throws Exception {
        HttpResponse<String> answer = chat(
                "Authorization",
                basic("bob", "secret of bob"),
                "Origin",
                "https://evil.example",
                "Sec-Fetch-Site",
                "cross-site");

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("cross_origin_refused");
    }

    private static User user(String name, TestGateway.Key key) {
        return new User(name, key.id(), "secret of " + name);
    }

    private static TestGateway.Key oncePerMinute() {
        return stores.tenant().key().limits(new Limits(1L, null, null, null, null, null));
    }

    private static TestGateway.Key revoked() {
        TestGateway.Key key = stores.tenant().key();
        key.revoke();
        return key;
    }

    private static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> chat(String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url.resolve("/api/chat")).POST(HttpRequest.BodyPublishers.ofString(CHAT));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void awaitHealthy() throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        HttpRequest health = HttpRequest.newBuilder(url.resolve("/healthz")).build();
        while (HTTP.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
            assertThat(System.nanoTime()).as("healthy in time").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
