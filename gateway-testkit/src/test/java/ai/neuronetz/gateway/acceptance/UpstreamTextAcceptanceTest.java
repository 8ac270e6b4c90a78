package ai.neuronetz.gateway.acceptance;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Whatever Ollama says that is no answer: nobody may read it, neither client nor operator. */
@ExtendWith(GatewayExtension.class)
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UpstreamTextAcceptanceTest {

    private static final String CANARY = "canary-7f3a";

    private static final Map<String, String> REQUESTS = Map.of(
            "/api/chat", "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]",
            "/api/generate", "\"prompt\":\"Hi\",\"stream\":false",
            "/api/embed", "\"input\":\"Hi\"",
            "/v1/chat/completions", "\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]",
            "/v1/responses", "\"stream\":true,\"input\":\"Hi\"",
            "/v1/messages", "\"stream\":true,\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]");

    private static final List<String> BODIES = List.of(
            "{\"error\":\"" + CANARY + "\"}",
            "{\"error\":{\"message\":\"" + CANARY + "\"}}",
            "data: {\"error\":\"" + CANARY + "\"}\n\n",
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"" + CANARY + "\"}}\n\n",
            "<html>" + CANARY + "</html>",
            "");

    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLoggerName().startsWith("ai.neuronetz.gateway.testkit")) {
                return;
            }
            logged.add(event.getFormattedMessage()
                    + (event.getThrowableProxy() == null
                            ? ""
                            : ThrowableProxyUtil.asString(event.getThrowableProxy())));
        }
    };

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private TestGateway.Tenant tenant;

    @SuppressWarnings("NullAway.Init")
    private TestClient client;

    private Level before = Level.WARN;

    @BeforeAll
    static void start(TestGateway started) {
        gateway = started;
    }

    @BeforeEach
    void listen() {
        gateway.ollama().reset();
        gateway.ollama().models("llama3.2:3b");
        tenant = gateway.tenant();
        client = new TestClient(gateway.url(), tenant.key().secret());
        await().atMost(Duration.ofSeconds(5))
                .until(() -> client.get("/api/tags").body().contains("llama3.2:3b"));
        Logger ours = (Logger) LoggerFactory.getLogger("ai.neuronetz.gateway");
        before = ours.getEffectiveLevel();
        ours.setLevel(Level.TRACE);
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        root.detachAppender(log);
        ((Logger) LoggerFactory.getLogger("ai.neuronetz.gateway")).setLevel(before);
        gateway.ollama().reset();
    }

    @Test
    void no_text_or_header_of_the_upstreams_reaches_a_client_a_log_a_metric_or_the_audit() {
        List<String> said = new ArrayList<>();
        REQUESTS.forEach((path, members) -> {
            for (ResponseDefinitionBuilder answer : answers()) {
                gateway.ollama().wireMock().resetAll();
                gateway.ollama().stub(post(urlEqualTo(path)).willReturn(answer));

                HttpResponse<String> got = client.post(path, "{\"model\":\"llama3.2:3b\"," + members + "}");

                assertThat(got.statusCode()).describedAs(path).isIn(200, 400, 403, 502, 503, 504);
                said.add(got.headers().map() + got.body());
            }
        });

        assertThat(said).hasSizeGreaterThan(200).noneMatch(text -> text.contains(CANARY));
        assertThat(logged).noneMatch(text -> text.contains(CANARY));
        assertThat(gateway.metrics().getMeters())
                .noneMatch(meter -> meter.getId().toString().contains(CANARY));
        assertThat(gateway.administration().audit(tenant.id(), 1_000))
                .hasSizeGreaterThan(200)
                .noneMatch(row -> row.toString().contains(CANARY));
    }

    private static List<ResponseDefinitionBuilder> answers() {
        List<ResponseDefinitionBuilder> answers = new ArrayList<>();
        for (int status : new int[] {200, 204, 301, 307, 400, 401, 403, 404, 429, 500, 502, 503, 599}) {
            for (String body : BODIES.subList(0, status == 200 ? BODIES.size() : 2)) {
                answers.add(aResponse()
                        .withStatus(status)
                        .withStatusMessage(CANARY)
                        .withHeader("X-Upstream", CANARY)
                        .withHeader("Location", "http://" + CANARY + "/api/chat")
                        .withHeader("Set-Cookie", CANARY)
                        .withHeader("Content-Type", status % 2 == 0 ? "application/x-ndjson" : "text/" + CANARY)
                        .withBody(body));
            }
        }
        for (String type : List.of("text/event-stream", "application/json", "text/html")) {
            for (String body : BODIES) {
                answers.add(aResponse()
                        .withStatus(200)
                        .withHeader("Content-Type", type)
                        .withBody(body));
            }
        }
        answers.add(aResponse()
                .withStatus(200)
                .withHeader("Content-Type", "application/json")
                .withHeader("Content-Encoding", "gzip")
                .withBody(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3}));
        return answers;
    }
}
