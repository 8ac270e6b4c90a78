package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.accounting.UsageRecord;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class UsageFeedTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final List<UsageRecord> told = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);

    @Test
    void a_listener_is_told_once_of_each_settled_request_after_its_stream_has_closed() {
        ScriptedStages stages = new ScriptedStages();
        stages.accounting = reservation ->
                reservation.settle(new Settlement(Outcome.COMPLETED, Basis.REPORTED, 20L, 5L, 25, 200, 1L, 12));
        GatewayPipeline pipeline = stages.builder()
                .usageListener(told::add)
                .meterRegistry(registry)
                .build();
        RecordedExchange client = RecordedExchange.chat();
        pipeline.serve(client);
        stages.ollama().onHead(200, "application/x-ndjson");
        stages.ollama().onBytes(Frames.last(), () -> {});
        stages.ollama().onEnd();
        pipeline.serve(new RecordedExchange("GET", "/api/tags", Map.of()));

        pipeline.close();

        assertThat(told)
                .containsExactly(new UsageRecord(
                        stages.ids.get(0),
                        "acme",
                        ScriptedStages.PRINCIPAL.keyId(),
                        "/api/chat",
                        "llama3:8b",
                        Outcome.COMPLETED,
                        Basis.REPORTED,
                        20L,
                        5L,
                        25,
                        25 - (20 + ScriptedStages.OUTPUT_CAP),
                        Duration.ofMillis(12)));
    }

    @Test
    void a_listener_that_throws_hears_of_the_next_request() {
        try (UsageFeed feed = UsageFeed.start(
                usage -> {
                    told.add(usage);
                    throw new AssertionError("unforeseen");
                },
                registry)) {
            feed.tell(usage());
            feed.tell(usage());
        }

        assertThat(told).hasSize(2);
    }

    @Test
    void a_listener_that_is_too_slow_blocks_nobody_and_what_it_missed_is_counted() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        UsageFeed feed = UsageFeed.start(
                usage -> {
                    called.countDown();
                    hang();
                },
                registry);
        feed.tell(usage());
        assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();

        for (int i = 0; i < UsageFeed.CAPACITY + 7; i++) {
            feed.tell(usage());
        }

        assertThat(dropped()).isEqualTo(7);
        long before = System.nanoTime();
        feed.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        assertThat(dropped()).isEqualTo(UsageFeed.CAPACITY + 7);
        assertThat(released.await(20, TimeUnit.SECONDS))
                .as("the listener is interrupted")
                .isTrue();
    }

    private void hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            released.countDown();
        }
    }

    private double dropped() {
        return registry.counter("gateway.usage.records.dropped").count();
    }

    private static UsageRecord usage() {
        return new UsageRecord(
                UUID.randomUUID(),
                "acme",
                ScriptedStages.PRINCIPAL.keyId(),
                "/api/chat",
                "llama3:8b",
                Outcome.COMPLETED,
                Basis.REPORTED,
                1L,
                1L,
                2,
                0,
                Duration.ZERO);
    }
}
