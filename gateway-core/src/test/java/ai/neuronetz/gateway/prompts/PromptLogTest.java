package ai.neuronetz.gateway.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.accounting.Observation;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import ai.neuronetz.gateway.ollama.AnswerReader;
import ai.neuronetz.gateway.ollama.AnswerText;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.TokenCount;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PromptLogTest {

    private static final String SECRET = "hush-hush";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<PromptRecord> stored = new CopyOnWriteArrayList<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("ai.neuronetz.gateway.prompts");

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void nothing_that_was_said_is_in_the_log() {
        never.countDown();
        logger.detachAppender(logged);
        assertThat(logged.list).allSatisfy(event -> {
            assertThat(event.getFormattedMessage()).doesNotContain(SECRET);
            assertThat(event.getThrowableProxy()).isNull();
        });
    }

    private PromptLog log(Redactor redactor) {
        return new PromptLog(stored::add, redactor, PATIENCE, registry);
    }

    private double dropped(String reason) {
        return registry.get("gateway.prompts.dropped")
                .tag("reason", reason)
                .counter()
                .count();
    }

    private static void keep(PromptLog log, String prompt, String answer) {
        keep(log, prompt, answer, true);
    }

    private static void keep(PromptLog log, String prompt, String answer, boolean forwarded) {
        Reservation reservation = new OneMeter()
                .make("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}");
        AnswerText text = log.open(reservation.principal()).orElseThrow();
        AnswerReader reader = AnswerReader.of(Endpoint.CHAT, true, false);
        reader.capture(text);
        String frame = "{\"message\":{\"content\":\"" + answer + "\"},\"done\":true}\n";
        reader.feed(ByteBuffer.wrap(frame.getBytes(StandardCharsets.UTF_8)));
        TokenCount none = TokenCount.Unusable.MISSING;
        log.keep(
                reservation,
                new Observation(Outcome.COMPLETED, forwarded, true, none, none, 1, 1, 0, 200, 1L, 2),
                text);
    }

    @Test
    void prompt_and_answer_are_kept_as_the_redactor_left_them() {
        try (PromptLog log = log(text -> text.replace(SECRET, "x"))) {
            keep(log, "say " + SECRET, "no " + SECRET);
        }

        assertThat(stored).hasSize(1);
        assertThat(stored.get(0).prompt()).isEqualTo("[user]\nsay x");
        assertThat(stored.get(0).answer()).isEqualTo("no x");
        assertThat(stored.get(0).outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(stored.get(0)).asString().doesNotContain("say");
        assertThat(registry.get("gateway.prompts.stored").counter().count()).isEqualTo(1);
    }

    @Test
    void a_principal_that_has_not_opted_in_has_nothing_gathered() {
        Principal other = new Principal(
                "t", new KeyId("0123456789ab"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 1);
        try (PromptLog log = log(text -> text)) {
            assertThat(log.open(other)).isEmpty();
        }
    }

    @Test
    void what_was_not_forwarded_is_not_kept() {
        try (PromptLog log = log(text -> text)) {
            keep(log, "a", "b", false);
        }
        assertThat(stored).isEmpty();
    }

    @Test
    void a_redactor_that_throws_or_answers_null_leaves_nothing_behind_but_a_count() {
        try (PromptLog log = log(text -> {
            if (text.contains("null")) {
                return null;
            }
            if (text.contains("error")) {
                throw new AssertionError(text);
            }
            throw new IllegalStateException(text);
        })) {
            keep(log, SECRET, SECRET);
            keep(log, SECRET + " error", SECRET);
            keep(log, SECRET + " null", SECRET);
        }

        assertThat(stored).isEmpty();
        assertThat(dropped("redactor_failed")).isEqualTo(3);
        assertThat(logged.list).hasSize(1);
    }

    @Test
    void a_redactor_that_hangs_is_left_and_asked_again_when_it_has_come_back() {
        Redactor hanging = text -> {
            if (text.contains("hang")) {
                awaitUninterruptibly(never);
            }
            return text;
        };
        try (PromptLog log = new PromptLog(stored::add, hanging, Duration.ofMillis(500), registry)) {
            keep(log, "hang", "a");
            keep(log, "fine", "b");
            await(() -> dropped("redactor_late") == 2);
            never.countDown();

            keep(log, "fine again", "c");
        }

        assertThat(stored).extracting(PromptRecord::answer).containsExactly("c");
    }

    @Test
    void a_store_that_does_not_take_it_costs_the_prompt_and_nothing_else() {
        PromptStore store = prompt -> {
            if (prompt.answer().equals("a")) {
                throw new StoreUnavailableException("down");
            }
            if (prompt.answer().equals("b")) {
                throw new IllegalArgumentException(prompt.prompt());
            }
            return !prompt.answer().equals("c") && stored.add(prompt);
        };
        try (PromptLog log = new PromptLog(store, text -> text, PATIENCE, registry)) {
            for (String answer : List.of("a", "b", "c", "d")) {
                keep(log, SECRET, answer);
            }
        }

        assertThat(stored).extracting(PromptRecord::answer).containsExactly("d");
        assertThat(dropped("store")).isEqualTo(1);
        assertThat(dropped("other")).isEqualTo(1);
        assertThat(dropped("switched_off")).isEqualTo(1);
    }

    @Test
    void more_than_may_wait_is_dropped_at_once() {
        CountDownLatch gone = new CountDownLatch(1);
        String long_ = "p".repeat(1 << 20);
        try (PromptLog log = new PromptLog(
                prompt -> {
                    awaitUninterruptibly(gone);
                    return stored.add(prompt);
                },
                text -> text,
                PATIENCE,
                registry)) {
            for (int i = 0; i < 40; i++) {
                keep(log, long_, "a");
            }

            assertThat(dropped("queue")).isBetween(8.0, 10.0);
            gone.countDown();
            await(() -> stored.size() == 40 - (int) dropped("queue"));
        }
    }

    @Test
    void a_secret_at_the_cut_is_not_kept_by_half() {
        String filler = "a ".repeat((BoundedText.READ_CHARS - 10) / 2);
        try (PromptLog log = log(Redactor.patterns())) {
            keep(log, "short", filler + "sk-0123456789abcdefghijklmnopqrstuvwxyz");
        }

        PromptRecord kept = stored.get(0);
        assertThat(kept.answerCut()).isTrue();
        assertThat(kept.answer()).hasSize(BoundedText.KEPT_CHARS).doesNotContain("sk-");
        assertThat(kept.promptCut()).isFalse();
    }

    @Test
    void a_secret_by_half_does_not_move_into_what_is_kept_when_the_text_before_it_shrinks() {
        String mail = "a.very.long.address.that.becomes.short@example.org ";
        String head = mail.repeat((BoundedText.READ_CHARS - 10) / mail.length());
        String filler = " ".repeat(BoundedText.READ_CHARS - 10 - head.length());
        try (PromptLog log = log(Redactor.patterns())) {
            keep(log, "short", head + filler + "sk-0123456789abcdefghijklmnopqrstuvwxyz");
        }

        assertThat(stored.get(0).answer().length()).isLessThan(BoundedText.KEPT_CHARS);
        assertThat(stored.get(0).answer()).doesNotContain("sk-");
    }

    @Test
    void characters_that_no_store_takes_are_replaced() {
        assertThat(BoundedText.ofRedacted("a\0b\ud83dc\ude00d\ud83d\ude00", false)
                        .text())
                .isEqualTo("a\ufffdb\ufffdc\ufffdd\ud83d\ude00");
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("time is up").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class OneMeter extends Meter {

        Reservation make(String body) {
            Principal principal = new Principal(
                    "t", new KeyId("0123456789ab"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 1, true);
            Grant grant = new Grant(
                    Endpoint.CHAT, "m", body.getBytes(StandardCharsets.UTF_8), true, false, false, 100, 100, List.of());
            return reserved(new UUID(0, 1), principal, grant, Map.of(), settlement -> {});
        }

        @Override
        public Metering reserve(UUID requestId, Principal principal, Grant grant) {
            throw new UnsupportedOperationException();
        }
    }
}
