package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is logged of a request, and under which ids. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RequestLogTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("ai.neuronetz.gateway");
    private final ScriptedStages stages = new ScriptedStages();
    private final GatewayPipeline pipeline = stages.pipeline();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
    }

    @Test
    void an_exception_is_logged_under_the_requests_ids_and_without_what_it_says() {
        stages.authorization = () -> {
            throw new IllegalStateException("c4nary", new IllegalArgumentException("c4nary"));
        };
        RecordedExchange client = chat();

        pipeline.serve(client);

        ILoggingEvent event = of(client, "ERROR");
        String trace = ThrowableProxyUtil.asString(event.getThrowableProxy());
        assertThat(trace)
                .contains("java.lang.IllegalStateException", "java.lang.IllegalArgumentException", "RequestLogTest")
                .doesNotContain("c4nary");
        assertThat(event.getFormattedMessage()).doesNotContain("c4nary");
        assertThat(values(of(client, "INFO"))).containsEntry("status", 503).containsEntry("code", "internal_error");
    }

    @Test
    void an_admitted_request_has_its_line_when_its_answer_has_ended_and_not_before() {
        RecordedExchange client = chat();
        pipeline.serve(client);
        assertThat(log.list).isEmpty();

        stages.ollama().onHead(200, "application/x-ndjson");
        stages.ollama().onBytes(Frames.last(), () -> {});
        stages.ollama().onEnd();

        assertThat(values(of(client, "INFO")))
                .containsEntry("endpoint", "/api/chat")
                .containsEntry("status", 200)
                .containsEntry("code", "none");
    }

    @Test
    void a_client_that_leaves_before_its_answer_has_a_line_too() {
        RecordedExchange client = chat();
        pipeline.serve(client);

        client.leave();

        assertThat(log.list)
                .singleElement()
                .satisfies(event ->
                        assertThat(values(event)).containsEntry("status", 499).containsEntry("code", "client_gone"));
    }

    @Test
    void health_checks_have_none() {
        pipeline.serve(new RecordedExchange("GET", "/healthz", Map.of()));

        assertThat(log.list).isEmpty();
    }

    private static RecordedExchange chat() {
        String traceparent = "00-" + TRACE + "-00f067aa0ba902b7-01";
        return new RecordedExchange("POST", "/api/chat", Map.of("traceparent", List.of(traceparent)));
    }

    /** The one event of that level, under the ids of the client's request. */
    private ILoggingEvent of(RecordedExchange client, String level) {
        List<ILoggingEvent> events = log.list.stream()
                .filter(event -> event.getLevel().toString().equals(level))
                .toList();
        assertThat(events).hasSize(1);
        assertThat(events.get(0).getMDCPropertyMap())
                .isEqualTo(Map.of("request_id", client.header("X-Request-ID"), "trace_id", TRACE));
        return events.get(0);
    }

    private static Map<String, Object> values(ILoggingEvent event) {
        Map<String, Object> values = new HashMap<>();
        event.getKeyValuePairs().forEach(pair -> values.put(pair.key, pair.value));
        return values;
    }
}
