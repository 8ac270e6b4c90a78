package ai.neuronetz.gateway.acceptance;

import static ai.neuronetz.gateway.acceptance.HostileOllama.CANARY;
import static ai.neuronetz.gateway.acceptance.HostileOllama.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.testkit.TestGateway;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Whatever Ollama says that is no answer: nobody may read it, neither client nor operator. {@code -Dfuzz.upstream=100000} for a
 * long run.
 */
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UpstreamTextAcceptanceTest {

    private static final int REQUESTS = Integer.getInteger("fuzz.upstream", 1_500);
    private static final int CALLERS = 8;

    /** A path and the members of its body. */
    private static final List<List<String>> KINDS = List.of(
            List.of("/api/chat", "'messages':[{'role':'user','content':'Hi'}]"),
            List.of("/api/generate", "'prompt':'Hi','stream':false"),
            List.of("/api/embed", "'input':'Hi'"),
            List.of("/api/embeddings", "'prompt':'Hi'"),
            List.of("/v1/chat/completions", "'stream':true,'messages':[{'role':'user','content':'Hi'}]"),
            List.of("/v1/completions", "'prompt':'Hi'"),
            List.of("/v1/embeddings", "'input':'Hi'"),
            List.of("/v1/responses", "'stream':true,'input':'Hi'"),
            List.of("/v1/messages", "'stream':true,'max_tokens':9,'messages':[{'role':'user','content':'Hi'}]"));

    /** Only what gives it away is kept: a long run logs much. */
    private final LongAdder logged = new LongAdder();

    private final LongAdder givenAway = new LongAdder();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            String trace =
                    event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
            logged.increment();
            if ((event.getFormattedMessage() + trace).contains(CANARY)) {
                givenAway.increment();
            }
        }
    };

    private Level before = Level.WARN;

    @BeforeEach
    void listen() {
        Logger ours = (Logger) LoggerFactory.getLogger("ai.neuronetz.gateway");
        before = ours.getEffectiveLevel();
        ours.setLevel(Level.TRACE);
        ours.setAdditive(false);
        log.start();
        ours.addAppender(log);
        root.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        Logger ours = (Logger) LoggerFactory.getLogger("ai.neuronetz.gateway");
        ours.detachAppender(log);
        root.detachAppender(log);
        ours.setAdditive(true);
        ours.setLevel(before);
    }

    @Test
    void no_text_or_header_of_the_upstreams_reaches_a_client_a_log_a_metric_or_the_audit() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (HostileOllama ollama = new HostileOllama(1);
                TestGateway gateway = TestGateway.builder()
                        .settings(settings -> settings.ollamaUrl(ollama.uri().toString()))
                        .start()) {
            TestGateway.Tenant tenant = gateway.tenant();
            TestClient client = new TestClient(gateway.url(), tenant.key().secret());
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> client.get("/api/tags").body().contains(MODEL));
            AtomicInteger left = new AtomicInteger(REQUESTS);
            LongAdder refused = new LongAdder();
            List<Future<?>> calls = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
                calls.add(callers.submit(() -> {
                    for (int number = left.getAndDecrement(); number > 0; number = left.getAndDecrement()) {
                        refused.add(ask(client, KINDS.get(number % KINDS.size())));
                    }
                }));
            }
            for (Future<?> call : calls) {
                call.get();
            }

            System.out.printf(
                    "%d hostile answers, %d refusals, %d lines of log%n", REQUESTS, refused.sum(), logged.sum());
            assertThat(refused.sum()).isGreaterThan(REQUESTS / 2);
            assertThat(logged.sum()).isPositive();
            assertThat(givenAway.sum()).isZero();
            assertThat(gateway.metrics().getMeters())
                    .noneMatch(meter -> meter.getId().toString().contains(CANARY));
            assertThat(gateway.administration().audit(tenant.id(), REQUESTS))
                    .hasSizeGreaterThan(REQUESTS / 2)
                    .noneMatch(row -> row.toString().contains(CANARY));
        } finally {
            callers.shutdownNow();
        }
    }

    /** 1 if it was answered with an error. */
    private static int ask(TestClient client, List<String> kind) {
        String body = "{'model':'" + MODEL + "'," + kind.get(1) + "}";
        HttpResponse<String> answer = client.post(kind.get(0), body.replace('\'', '"'));
        assertThat(answer.headers().map() + answer.body()).doesNotContain(CANARY);
        return answer.statusCode() >= 400 ? 1 : 0;
    }
}
