package ai.neuronetz.gateway.metering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger.Budget;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import ai.neuronetz.gateway.metering.RateGate.Limit;
import ai.neuronetz.gateway.ollama.Endpoint;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerMeterTest {

    private static final Principal PRINCIPAL =
            new Principal("acme", new KeyId("AAAAAAAAAAAA"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 1);
    private static final Grant GRANT =
            new Grant(Endpoint.CHAT, "llama3:8b", new byte[] {'{', '}'}, false, false, false, 20, 80, List.of());
    private static final Budget BUDGET = new Budget(1000, 400, Instant.parse("2026-12-01T00:00:00Z"));
    private static final RateStatus RATES =
            new RateStatus(new RateStatus.Window(60, 59, 1_200), new RateStatus.Window(5000, 4900, 360_000));
    private static final int PLACES = 2;

    private final List<String> events = new CopyOnWriteArrayList<>();
    private final ScriptedGate gate = new ScriptedGate(events);
    private final ScriptedLedger ledger = new ScriptedLedger(events);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LedgerMeter meter = LedgerMeter.builder()
            .gate(gate)
            .ledger(ledger)
            .registry(registry)
            .maxConcurrentUpstream(PLACES)
            .maxWaiting(1)
            .upstreamWait(Duration.ofMillis(20))
            .build();

    @AfterEach
    void close() {
        meter.close();
    }

    @Test
    void an_admitted_request_holds_a_place_until_it_is_settled_and_is_settled_in_ledger_and_gate() {
        Reservation reservation = reserved();
        assertThat(reservation.tokens()).isEqualTo(100);
        assertThat(freePlaces()).isEqualTo(PLACES - 1);

        reservation.settle(charged(42));

        assertThat(freePlaces()).isEqualTo(PLACES);
        awaitEvents("gate.admit 100", "ledger.admit 1", "ledger.settle 42", "gate.settle 42");
        assertThat(decisions("reserved")).isEqualTo(1);
    }

    @Test
    void the_state_of_all_limits_is_in_the_headers() {
        gate.then(new GateResult.Admitted(1, "here", RATES));
        ledger.then(new Entry.Admitted(BUDGET));

        assertThat(reserved().headers())
                .isEqualTo(Map.of(
                        "x-ratelimit-limit-requests", "60",
                        "x-ratelimit-remaining-requests", "59",
                        "x-ratelimit-reset-requests", "2s",
                        "x-ratelimit-limit-tokens", "5000",
                        "x-ratelimit-remaining-tokens", "4900",
                        "x-ratelimit-reset-tokens", "6m0s",
                        "X-Budget-Limit", "1000",
                        "X-Budget-Remaining", "400",
                        "X-Budget-Reset", "2026-12-01T00:00:00Z"));
    }

    @Test
    void a_limit_that_does_not_apply_has_no_header() {
        ledger.then(new Entry.Admitted(new Budget(1000, 400, null)));

        assertThat(reserved().headers()).containsOnlyKeys("X-Budget-Limit", "X-Budget-Remaining");
    }

    @Test
    void nothing_is_asked_while_the_ledger_takes_no_settlements() {
        ledger.accepting = false;

        assertThat(denial().reason()).isEqualTo(Reason.LEDGER_UNAVAILABLE);
        assertThat(events).isEmpty();
    }

    @Test
    void over_a_minutes_limit_the_wait_is_told_in_whole_seconds_rounded_up() {
        for (Map.Entry<Limit, Reason> each : Map.of(
                        Limit.REQUESTS, Reason.RATE_LIMIT_REQUESTS,
                        Limit.TOKENS, Reason.RATE_LIMIT_TOKENS,
                        Limit.CONCURRENCY, Reason.CONCURRENCY_LIMIT)
                .entrySet()) {
            gate.then(new GateResult.Refused(each.getKey(), Duration.ofMillis(1001), RATES));

            Denial denial = denial();

            assertThat(denial.reason()).isEqualTo(each.getValue());
            assertThat(denial.retryAfter()).isEqualTo(Duration.ofSeconds(2));
            assertThat(denial.headers()).containsEntry("x-ratelimit-remaining-tokens", "4900");
        }
        assertThat(events).containsOnly("gate.admit 100");
        assertThat(decisions("rate_limit_requests")).isEqualTo(1);
    }

    @Test
    void what_could_never_pass_is_a_bad_request() {
        gate.then(new GateResult.Refused(Limit.TOKENS, null, RATES));

        assertThat(denial().reason()).isEqualTo(Reason.REQUEST_EXCEEDS_LIMIT);
    }

    @Test
    void a_gate_that_does_not_answer_is_a_denial_and_what_it_may_hold_is_freed_without_troubling_the_ledger() {
        gate.thenUnavailable();

        Denial denial = denial();

        assertThat(denial.reason()).isEqualTo(Reason.LIMITS_UNVERIFIABLE);
        assertThat(denial.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        // Freed again a second later, when whatever was on its way has arrived.
        awaitEvents("gate.admit 100", "gate.release", "gate.release");
    }

    @Test
    void an_unknown_state_is_rebuilt_once_and_the_same_request_asked_again() {
        gate.then(new GateResult.Unknown("p1"));

        reserved();

        assertThat(events)
                .containsExactly(
                        "gate.admit 100", "ledger.beginEpoch", "gate.rebuild p1 1", "gate.admit 100", "ledger.admit 1");
        assertThat(gate.asked.get(0)).isEqualTo(gate.asked.get(1));
        assertThat(registry.counter("gateway.gate.unknown").count()).isEqualTo(1);
        assertThat(registry.counter("gateway.gate.rebuilds", "outcome", "done").count())
                .isEqualTo(1);
    }

    @Test
    void a_state_that_is_still_unknown_after_a_rebuild_is_a_denial() {
        gate.then(new GateResult.Unknown("p1")).then(new GateResult.Unknown("p2"));

        assertThat(denial().reason()).isEqualTo(Reason.LIMITS_UNVERIFIABLE);
        assertThat(events).doesNotContain("ledger.admit 1").doesNotContain("ledger.void");
    }

    @Test
    void a_rebuild_that_fails_is_a_denial() {
        gate.then(new GateResult.Unknown("p1"));
        gate.rebuildFailures.add(new StoreUnavailableException("told to"));
        assertThat(denial().reason()).isEqualTo(Reason.LIMITS_UNVERIFIABLE);

        gate.then(new GateResult.Unknown("p1"));
        ledger.onBeginEpoch = () -> {
            throw new StoreUnavailableException("told to");
        };
        assertThat(denial().reason()).isEqualTo(Reason.LIMITS_UNVERIFIABLE);
        assertThat(registry.counter("gateway.gate.rebuilds", "outcome", "failed")
                        .count())
                .isEqualTo(2);
        assertThat(freePlaces()).isEqualTo(PLACES);
    }

    @Test
    void many_requests_that_find_a_state_unknown_share_one_rebuild() throws Exception {
        int callers = 8;
        CountDownLatch allAsked = new CountDownLatch(callers);
        for (int i = 0; i < callers; i++) {
            gate.answers.add(() -> {
                allAsked.countDown();
                awaitLatch(allAsked);
                return new GateResult.Unknown("p1");
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<Future<Metering>> results = java.util.stream.IntStream.range(0, callers)
                    .mapToObj(i -> threads.submit(this::reserve))
                    .toList();
            for (Future<Metering> result : results) {
                result.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(events).filteredOn("ledger.beginEpoch"::equals).hasSize(1);
    }

    @Test
    void when_all_places_are_taken_the_gateway_is_busy_and_the_gate_gets_its_place_back() {
        reserved();
        reserved();

        Denial denial = denial();

        assertThat(denial.reason()).isEqualTo(Reason.GATEWAY_BUSY);
        assertThat(denial.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        await(() -> events.contains("gate.release"));
        assertThat(events).doesNotContain("ledger.void");
    }

    @Test
    void a_place_that_becomes_free_goes_to_who_waits() throws Exception {
        UpstreamSlots slots = new UpstreamSlots(1, 1, Duration.ofSeconds(10));
        UpstreamSlots.Slot first = slots.take().orElseThrow();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> second = thread.submit(() -> slots.take().isPresent());
            await(() -> slots.waiting() == 1);
            assertThat(slots.take()).as("the waiting room is full").isEmpty();

            first.release();
            first.release();

            assertThat(second.get(5, TimeUnit.SECONDS)).isTrue();
            assertThat(slots.free()).isZero();
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void a_spent_budget_is_402_with_the_instant_of_its_reset_and_no_invitation_to_retry() {
        ledger.then(new Entry.OverBudget(BUDGET));

        Denial denial = denial();

        assertThat(denial.reason()).isEqualTo(Reason.BUDGET_EXHAUSTED);
        assertThat(denial.retryAfter()).isNull();
        assertThat(denial.headers())
                .containsEntry("X-Budget-Remaining", "400")
                .containsEntry("X-Budget-Reset", "2026-12-01T00:00:00Z");
        awaitEvents("gate.admit 100", "ledger.admit 1", "gate.release");
        assertThat(freePlaces()).isEqualTo(PLACES);
    }

    @Test
    void each_refusal_of_the_ledger_has_its_answer_and_gives_everything_back() {
        ledger.then(new Entry.NeverFits(BUDGET));
        assertThat(denial().reason()).isEqualTo(Reason.REQUEST_EXCEEDS_LIMIT);
        ledger.then(new Entry.Fenced());
        assertThat(denial().reason()).isEqualTo(Reason.LEDGER_UNAVAILABLE);
        ledger.then(new Entry.Outdated());
        assertThat(reserve()).isEqualTo(new Metering.Outdated());

        await(() -> count("gate.release") == 3);
        assertThat(freePlaces()).isEqualTo(PLACES);
        assertThat(events).doesNotContain("ledger.void");
    }

    @Test
    void a_ledger_that_does_not_answer_is_a_denial_voided_before_the_gate_is_freed() {
        ledger.thenUnavailable();

        assertThat(denial().reason()).isEqualTo(Reason.LEDGER_UNAVAILABLE);

        awaitEvents("gate.admit 100", "ledger.admit 1", "ledger.void", "gate.release");
        assertThat(freePlaces()).isEqualTo(PLACES);
    }

    @Test
    void an_error_nobody_foresaw_is_a_denial_that_gives_everything_back() {
        ledger.thenThrow(new IllegalStateException("told to"));

        Denial denial = denial();

        assertThat(denial.reason()).isEqualTo(Reason.INTERNAL_ERROR);
        awaitEvents("gate.admit 100", "ledger.admit 1", "ledger.void", "gate.release");
        assertThat(freePlaces()).isEqualTo(PLACES);

        gate.answers.add(() -> {
            throw new IllegalStateException("told to");
        });
        assertThat(denial().reason()).isEqualTo(Reason.INTERNAL_ERROR);
        await(() -> count("gate.release") == 2);
    }

    @Test
    void what_could_not_be_voided_is_not_freed_in_the_gate() {
        ledger.thenUnavailable();
        ledger.onVoid = () -> {
            throw new IllegalStateException("told to");
        };

        assertThat(denial().reason()).isEqualTo(Reason.LEDGER_UNAVAILABLE);

        meter.close();
        assertThat(events).containsExactly("gate.admit 100", "ledger.admit 1", "ledger.void");
        assertThat(freePlaces()).isEqualTo(PLACES);
    }

    @Test
    void a_state_of_an_ended_epoch_is_rebuilt_and_the_request_tried_once_more() {
        ledger.then(new Entry.WrongEpoch());
        gate.then(ScriptedGate.admitted(4)).then(ScriptedGate.admitted(4)).then(ScriptedGate.admitted(5));

        reserved();

        assertThat(events)
                .containsExactly(
                        "gate.admit 100",
                        "ledger.admit 4",
                        "gate.admit 100",
                        "ledger.beginEpoch",
                        "gate.rebuild here 1",
                        "gate.admit 100",
                        "ledger.admit 5");
    }

    @Test
    void a_state_that_another_process_has_rebuilt_already_is_not_rebuilt_again() {
        ledger.then(new Entry.WrongEpoch());
        gate.then(ScriptedGate.admitted(4)).then(ScriptedGate.admitted(5));

        reserved();

        assertThat(events).containsExactly("gate.admit 100", "ledger.admit 4", "gate.admit 100", "ledger.admit 5");
    }

    @Test
    void a_second_wrong_epoch_is_a_denial_that_gives_everything_back() {
        ledger.then(new Entry.WrongEpoch()).then(new Entry.WrongEpoch());

        assertThat(denial().reason()).isEqualTo(Reason.LIMITS_UNVERIFIABLE);

        await(() -> count("gate.release") == 1);
        assertThat(freePlaces()).isEqualTo(PLACES);
    }

    @Test
    void after_a_rebuild_the_gate_may_refuse() {
        ledger.then(new Entry.WrongEpoch());
        gate.then(ScriptedGate.admitted(4)).then(new GateResult.Refused(Limit.TOKENS, Duration.ofMillis(1), RATES));

        assertThat(denial().reason()).isEqualTo(Reason.RATE_LIMIT_TOKENS);

        assertThat(freePlaces()).isEqualTo(PLACES);
    }

    @Test
    void a_gate_that_is_away_when_a_request_ends_is_told_again_until_it_hears() {
        Reservation reservation = reserved();
        gate.settleFailures.add(new StoreUnavailableException("told to"));
        gate.settleFailures.add(new StoreUnavailableException("told to"));

        reservation.settle(charged(7));

        await(() -> events.contains("gate.settle 7"));
        assertThat(count("gate.settle 7 failed")).isEqualTo(2);
        assertThat(registry.counter("gateway.gate.returns", "outcome", "retried")
                        .count())
                .isEqualTo(2);
        await(() -> registry.get("gateway.gate.returns.pending").gauge().value() == 0);
    }

    @Test
    void a_request_that_is_settled_after_the_meter_was_closed_still_reaches_the_ledger() {
        Reservation reservation = reserved();
        meter.close();

        reservation.settle(charged(7));

        assertThat(events).contains("ledger.settle 7");
        assertThat(registry.counter("gateway.gate.returns", "outcome", "dropped")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void a_meter_without_a_ledger_is_not_built() {
        assertThatThrownBy(() ->
                        LedgerMeter.builder().gate(gate).registry(registry).build())
                .isInstanceOf(NullPointerException.class)
                .hasMessage("ledger");
    }

    private Metering reserve() {
        return meter.reserve(UUID.randomUUID(), PRINCIPAL, GRANT);
    }

    private Reservation reserved() {
        return ((Metering.Reserved) reserve()).reservation();
    }

    private Denial denial() {
        return ((Metering.Refused) reserve()).denial();
    }

    private static Settlement charged(long tokens) {
        return new Settlement(
                Settlement.Outcome.COMPLETED, Settlement.Basis.REPORTED, 1L, tokens - 1, tokens, 200, 5L, 10);
    }

    private int freePlaces() {
        return (int) registry.get("gateway.upstream.places.free").gauge().value();
    }

    private double decisions(String outcome) {
        return registry.counter("gateway.meter.decisions", "outcome", outcome).count();
    }

    private long count(String event) {
        return events.stream().filter(event::equals).count();
    }

    private void awaitEvents(String... expected) {
        await(() -> events.size() >= expected.length);
        assertThat(events).containsExactly(expected);
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 10 seconds").isLessThan(until);
            Thread.onSpinWait();
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
