package ai.neuronetz.gateway.prompts;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.accounting.Observation;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.ollama.AnswerText;
import ai.neuronetz.gateway.ollama.PromptText;
import ai.neuronetz.gateway.prompts.PromptCounters.Drop;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what keys that opted in asked and were answered.
 *
 * <p>No check and no record: it never delays a request and never denies one. What cannot be kept is dropped and counted, and is
 * in no file, log line or exception meanwhile. Thread-safe; its two threads live while there is something to do.
 */
@Internal
public final class PromptLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PromptLog.class);

    /** What may wait, in bytes of requests and answers. */
    private static final long MAX_WAITING = 32L << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long CLOSE_SECONDS = 3;

    private final PromptStore store;
    private final TimedRedactor redactor;
    private final PromptCounters counters;
    private final AtomicLong waiting = new AtomicLong();
    private final ThreadPoolExecutor thread;

    /** Only the thread's, which may be another one later. */
    private volatile boolean failing;

    /** @param registry where it is counted what was kept and what was dropped */
    public PromptLog(PromptStore store, Redactor redactor, MeterRegistry registry) {
        this(store, redactor, PATIENCE, registry);
    }

    PromptLog(PromptStore store, Redactor redactor, Duration patience, MeterRegistry registry) {
        this.store = requireNonNull(store, "store");
        this.redactor = new TimedRedactor(requireNonNull(redactor, "redactor"), patience);
        this.counters = new PromptCounters(requireNonNull(registry, "registry"));
        this.thread = new ThreadPoolExecutor(
                1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Threads.named("gateway-prompts"));
        thread.allowCoreThreadTimeOut(true);
    }

    /** Where the answer to a principal's request is to be gathered; empty if it has not opted in. */
    public Optional<AnswerText> open(Principal principal) {
        return principal.logPrompts() ? Optional.of(new AnswerText(BoundedText.READ_CHARS)) : Optional.empty();
    }

    /** Keeps an exchange that has closed, if anything of it can have reached Ollama. Does not block and does not throw. */
    public void keep(Reservation reservation, Observation seen, AnswerText answer) {
        if (!seen.forwarded()) {
            return;
        }
        String said = answer.take();
        long weight = reservation.grant().upstreamBody().remaining() + 2L * said.length();
        Exchanged exchanged = new Exchanged(reservation, seen, said, answer.cut(), System.nanoTime());
        if (waiting.addAndGet(weight) > MAX_WAITING) {
            waiting.addAndGet(-weight);
            counters.dropped(Drop.QUEUE);
            return;
        }
        try {
            thread.execute(() -> {
                try {
                    write(exchanged);
                } finally {
                    waiting.addAndGet(-weight);
                }
            });
        } catch (RejectedExecutionException closed) {
            counters.dropped(Drop.OTHER);
        }
    }

    private record Exchanged(
            Reservation reservation, Observation seen, String answer, boolean answerCut, long closedNanos) {}

    private void write(Exchanged exchanged) {
        try {
            if (store.store(redacted(exchanged))) {
                counters.stored();
                failing = false;
            } else {
                counters.dropped(Drop.SWITCHED_OFF);
            }
        } catch (UnredactedException e) {
            dropped(e.late() ? Drop.REDACTOR_LATE : Drop.REDACTOR_FAILED, "the redactor failed: " + e.getMessage());
        } catch (StoreUnavailableException e) {
            dropped(Drop.STORE, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            counters.dropped(Drop.OTHER);
        } catch (RuntimeException e) {
            // Not the exception itself: its message could quote what must not be in a log.
            dropped(Drop.OTHER, e.getClass().getName());
        }
    }

    /** Says so once; after that the counter tells. */
    private void dropped(Drop why, String reason) {
        counters.dropped(why);
        if (!failing) {
            LOG.warn("prompts are not kept: {}", reason);
        }
        failing = true;
    }

    private PromptRecord redacted(Exchanged exchanged) throws UnredactedException, InterruptedException {
        Reservation reservation = exchanged.reservation();
        PromptText asked = PromptText.of(reservation.grant().upstreamBody(), BoundedText.READ_CHARS);
        BoundedText prompt = BoundedText.ofRedacted(redactor.redact(asked.text()), asked.cut());
        BoundedText answer = BoundedText.ofRedacted(redactor.redact(exchanged.answer()), exchanged.answerCut());
        return new PromptRecord(
                reservation.requestId(),
                reservation.principal().keyId(),
                reservation.grant().endpoint(),
                reservation.grant().model(),
                exchanged.seen().outcome(),
                Duration.ofNanos(System.nanoTime() - exchanged.closedNanos()).toMillis(),
                prompt.text(),
                prompt.cut(),
                answer.text(),
                answer.cut());
    }

    /** Keeps what is waiting, for 3 seconds at most. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                thread.shutdownNow().forEach(unwritten -> counters.dropped(Drop.OTHER));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            thread.shutdownNow();
            redactor.close();
        }
    }
}
