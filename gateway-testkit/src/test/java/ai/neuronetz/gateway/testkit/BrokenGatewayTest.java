package ai.neuronetz.gateway.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.GatewayPipelineBuilder;
import ai.neuronetz.gateway.LeakyGate;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Authentication;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Settlement;
import java.io.BufferedReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Gateways that were broken on purpose, one stage each: what a test that uses them is told. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BrokenGatewayTest {

    private static final String MODEL = "llama3.2:3b";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static UnaryOperator<GatewayPipelineBuilder> breakage = UnaryOperator.identity();

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private TestGateway.Key key;

    @BeforeAll
    static void start() {
        gateway = TestGateway.builder()
                .pipeline(pipeline -> breakage.apply(pipeline))
                .settleWithin(Duration.ofMillis(400))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void a_key() {
        breakage = UnaryOperator.identity();
        gateway.reset();
        key = gateway.tenant().key();
    }

    /** Starts a gateway with one broken stage and asks it once. */
    private int ask(UnaryOperator<GatewayPipelineBuilder> broken, @Nullable String secret) throws Exception {
        breakage = broken;
        try (TestGateway.Replica replica = gateway.startReplica()) {
            return chat(replica.url(), secret).statusCode();
        }
    }

    private static HttpResponse<String> chat(URI url, @Nullable String secret) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve("/api/chat"))
                .POST(HttpRequest.BodyPublishers.ofString(MockClient.CHAT.replaceFirst("\\{", "{\"stream\":false,")));
        if (secret != null) {
            request.header("Authorization", "Bearer " + secret);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void assertCaught(String... says) {
        assertThatThrownBy(() -> gateway.verify())
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("The gateway did not keep its guarantees:")
                .hasMessageContainingAll(says)
                .satisfies(error -> assertThat(error.getMessage()).doesNotContain(key.secret(), "Hello"));
    }

    @Test
    void a_gateway_that_is_not_broken_is_not_complained_of() throws Exception {
        assertThat(ask(UnaryOperator.identity(), key.secret())).isEqualTo(200);
        assertThat(ask(UnaryOperator.identity(), null)).isEqualTo(401);

        assertThatCode(gateway::verify).doesNotThrowAnyException();
    }

    @Test
    void a_meter_that_keeps_settlements_to_itself() throws Exception {
        assertThat(ask(pipeline -> pipeline.wrapMeter(SecretiveMeter::new), key.secret()))
                .isEqualTo(200);

        assertCaught("the reservation is still open", "key " + key.id(), "model " + MODEL, "look at the Meter");
    }

    @Test
    void an_accountant_that_charges_nothing() throws Exception {
        ask(
                pipeline -> pipeline.accountant((reservation, seen) -> reservation.settle(new Settlement(
                        Settlement.Outcome.COMPLETED, Settlement.Basis.REPORTED, 0L, 0L, 0, 200, 1L, 1))),
                key.secret());

        assertCaught("was settled at 0 tokens (REPORTED)", "Ollama generated 12", "look at the Accountant");
    }

    @Test
    void an_upstream_that_sends_twice() throws Exception {
        ask(
                pipeline ->
                        pipeline.upstream(new LeakyUpstream(gateway.ollama().uri(), 2, (request, reservation) -> {})),
                key.secret());

        assertCaught("more than once", "key " + key.id(), "look at the Upstream for retries");
    }

    @Test
    void an_upstream_that_passes_the_clients_key_on() throws Exception {
        String secret = key.secret();
        ask(
                pipeline -> pipeline.upstream(new LeakyUpstream(
                        gateway.ollama().uri(),
                        1,
                        (request, reservation) -> request.header("Authorization", "Bearer " + secret)
                                .header("X-Backend-Token", secret))),
                secret);

        assertCaught(
                "Ollama got the header authorization with /api/chat",
                "a client's key in the header x-backend-token",
                "look at the Upstream");
    }

    @Test
    void an_upstream_that_goes_where_nobody_was_to_go() throws Exception {
        URI pull = gateway.ollama().uri().resolve("/api/pull");
        ask(
                pipeline -> pipeline.upstream(
                        new LeakyUpstream(gateway.ollama().uri(), 1, (request, reservation) -> request.uri(pull))),
                key.secret());

        assertCaught("Ollama got POST /api/pull, which is no inference endpoint", "look at the Upstream");
    }

    @Test
    void an_authenticator_that_lets_anybody_in() throws Exception {
        Principal principal = principal();
        Authenticator anybody = new Authenticator() {
            @Override
            public Authentication authenticate(ClientRequest request) {
                return new Authentication.Authenticated(principal);
            }

            @Override
            public Currency check(Principal of) {
                return Currency.CURRENT;
            }

            @Override
            public void forget(Principal of) {}
        };

        assertThat(ask(pipeline -> pipeline.authenticator(anybody), null)).isEqualTo(200);
        assertCaught(
                "a client without a key was served on the account of another's",
                "key " + key.id(),
                "look at the Authenticator");

        gateway.reset();
        TestGateway.Key other = gateway.tenant().key();
        ask(pipeline -> pipeline.authenticator(anybody), other.secret());
        assertCaught("a client with the key " + other.id() + " was served on the account of another's");
    }

    @Test
    void an_authorizer_that_passes_the_clients_own_body_on() throws Exception {
        ask(
                pipeline -> pipeline.authorizer(new CarelessAuthorizer(MODEL, 1_000, UnaryOperator.identity())),
                key.secret());

        assertCaught("with no cap on its output, but 100 output tokens are reserved", "look at the Authorizer");
    }

    @Test
    void an_authorizer_that_lets_another_model_through_than_it_says() throws Exception {
        gateway.ollama().models(MODEL, "llama3:70b");
        ask(
                pipeline -> pipeline.authorizer(
                        new CarelessAuthorizer(MODEL, 1_000, body -> body.replace(MODEL, "llama3:70b"))),
                key.secret());

        assertCaught("for the model llama3:70b, but the ledger admitted", "model " + MODEL, "look at the Authorizer");
    }

    @Test
    void an_authorizer_that_grants_a_model_which_the_key_may_not_use() throws Exception {
        key = gateway.tenant().models("qwen3:8b").key();
        ask(
                pipeline -> pipeline.authorizer(new CarelessAuthorizer(
                        MODEL, 1_000, body -> body.replaceFirst("\\{", "{\"options\":{\"num_predict\":100},"))),
                key.secret());

        assertCaught("its key may use only [qwen3:8b]", "model " + MODEL, "look at the Authorizer");
    }

    @Test
    void an_authorizer_that_takes_the_input_for_smaller_than_it_is() throws Exception {
        ask(
                pipeline -> pipeline.authorizer(new CarelessAuthorizer(
                        MODEL, 1, body -> body.replaceFirst("\\{", "{\"options\":{\"num_predict\":100},"))),
                key.secret());

        assertCaught("with an input of 10 tokens, but 1 are reserved", "look at the input bound");
    }

    @Test
    void a_meter_that_forgets_the_ledger() throws Exception {
        Meter forgetful = new Meter() {
            @Override
            public Metering reserve(UUID requestId, Principal principal, Grant grant) {
                return new Metering.Reserved(reserved(requestId, principal, grant, Map.of(), settlement -> {}));
            }
        };
        ask(pipeline -> pipeline.meter(forgetful), key.secret());

        assertCaught("Ollama got POST /api/chat", "which the ledger did not admit", "look at the Meter");
    }

    @Test
    void a_meter_that_denies_and_sends_all_the_same() throws Exception {
        URI chat = gateway.ollama().uri().resolve("/api/chat");
        Meter sending = new Meter() {
            @Override
            public Metering reserve(UUID requestId, Principal principal, Grant grant) {
                byte[] body = new byte[grant.upstreamBody().remaining()];
                grant.upstreamBody().get(body);
                LeakyUpstream.send(chat, requestId.toString(), body);
                return new Metering.Refused(Denial.of(Reason.RATE_LIMIT_TOKENS));
            }
        };
        assertThat(ask(pipeline -> pipeline.meter(sending), key.secret())).isEqualTo(429);

        assertCaught("which the ledger did not admit and the client was denied with 429");
    }

    @Test
    void a_meter_that_does_not_give_its_place_in_redis_back() throws Exception {
        ask(LeakyGate::in, key.secret());

        assertCaught("Redis still holds the place of", "key " + key.id(), "look at what the Meter does");
    }

    @Test
    void a_test_that_leaves_a_stream_open() throws Exception {
        gateway.ollama().replyTokens(1_000).pace(Duration.ofMillis(100));
        String head = "POST /api/chat HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer " + key.secret()
                + "\r\nContent-Length: " + MockClient.CHAT.length() + "\r\n\r\n";
        try (Socket socket = new Socket("127.0.0.1", gateway.url().getPort());
                BufferedReader answer = MockClient.reader(socket)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((head + MockClient.CHAT).getBytes(StandardCharsets.US_ASCII));
            MockClient.frame(answer);
            MockClient.frame(answer);

            assertCaught("a stream is still open at Ollama", "POST /api/chat", "frames sent", "is still open");
        }
        gateway.ollama().awaitQuiet(Duration.ofSeconds(5));
        assertThatCode(gateway::verify).doesNotThrowAnyException();
    }

    private Principal principal() throws SQLException {
        try (Connection connection = gateway.database().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT tenant_id, greatest(k.revision, t.revision) FROM"
                        + " gateway.api_key k JOIN gateway.tenant t USING (tenant_id) WHERE key_id = '" + key.id()
                        + "'")) {
            row.next();
            return new Principal(
                    row.getString(1),
                    key.id(),
                    new ModelPolicy(true, List.of()),
                    Limits.none(),
                    Limits.none(),
                    null,
                    row.getLong(2));
        }
    }
}
