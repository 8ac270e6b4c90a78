package ai.neuronetz.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.identity.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Each invariant finds the one thing that is wrong with books that are otherwise in order. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class InvariantsTest {

    private static final Instant NOON = Instant.parse("2026-11-02T12:00:00Z");
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND_ONE = new UUID(0, 2);

    private final List<GroundTruth.Work> work = new ArrayList<>(List.of(work(FIRST, 0, 5, 30)));
    private final List<LedgerRecords.Entry> entries = new ArrayList<>(List.of(settled(FIRST, 30)));
    private final List<LedgerRecords.Account> accounts = new ArrayList<>();
    private final List<UUID> unadmitted = new ArrayList<>();
    private final List<Reply> replies = new ArrayList<>();
    private Map<String, Instant> silent = Map.of();
    private long mostUsed = 30;

    @Test
    void books_in_order_are_in_order() {
        accounts.add(new LedgerRecords.Account("t:acme total", 0, 30, 0, 100L, 30));
        replies.add(new Reply("acme", FIRST, 200, null));
        replies.add(new Reply("acme", SECOND_ONE, 429, "rate_limit_tokens"));

        assertThat(violations()).isEmpty();
    }

    @Test
    void forwarding_twice_or_without_an_admission_is_found() {
        work.add(work(FIRST, 10, 12, 0));
        work.add(work(SECOND_ONE, 10, 12, 0));

        assertThat(violations())
                .containsExactlyInAnyOrder(
                        "I1 1 forwarded twice: " + FIRST, "I1 1 forwarded without an admission: " + SECOND_ONE);
    }

    @Test
    void an_admission_without_exactly_one_settlement_and_audit_row_is_found() {
        entries.set(0, entry(FIRST, 0, 2, null, 0, null));
        unadmitted.add(SECOND_ONE);

        assertThat(violations())
                .containsExactlyInAnyOrder(
                        "I2 1 never settled: " + FIRST,
                        "I2 1 not exactly one audit row: " + FIRST,
                        "I2 1 settled without an admission: " + SECOND_ONE);
    }

    @Test
    void counters_that_are_not_the_ledger_are_found() {
        accounts.add(new LedgerRecords.Account("t:acme total", 7, 30, 1, 100L, 30));

        assertThat(violations())
                .containsExactlyInAnyOrder(
                        "I3 t:acme total still has 7 reserved",
                        "I3 t:acme total counts 31 where settlements add up to 30");
    }

    @Test
    void a_budget_that_was_over_its_limit_for_a_moment_is_found() {
        mostUsed = 101;

        assertThat(violations()).containsExactly("I4 tenant acme: 101 > 100 tokens reserved and spent");
    }

    @Test
    void tokens_that_were_not_charged_are_found() {
        entries.set(0, settled(FIRST, 29));

        assertThat(violations())
                .containsExactly("I5 cost 30 tokens and was charged 29 (COMPLETED, REPORTED): " + FIRST);
    }

    @Test
    void tokens_over_the_limit_of_any_minute_are_found() {
        work.add(work(SECOND_ONE, 59, 61, 21));
        entries.add(settled(SECOND_ONE, 21));

        assertThat(violations())
                .containsExactly("I6 tenant acme: 51 > 50 true tokens in 60 s: " + FIRST + " " + SECOND_ONE);
    }

    @Test
    void tokens_a_minute_apart_are_not_added() {
        work.add(work(SECOND_ONE, 60, 61, 21));
        entries.add(settled(SECOND_ONE, 21));

        assertThat(violations()).isEmpty();
    }

    @Test
    void more_at_a_time_than_allowed_are_found() {
        work.add(work(SECOND_ONE, 4, 6, 1));
        entries.add(settled(SECOND_ONE, 1));

        assertThat(violations())
                .containsExactly("I7 tenant acme: 2 > 1 requests at a time: " + FIRST + " " + SECOND_ONE);
    }

    @Test
    void a_request_that_was_reaped_while_it_ran_is_found() {
        entries.set(0, entry(FIRST, 1, 1, "ORPHANED", 500, NOON.plusSeconds(3)));

        assertThat(violations()).hasSize(1).first().asString().startsWith("I7 reaped");
    }

    @Test
    void what_outlived_a_gateway_that_stood_still_is_excused() {
        entries.set(0, entry(FIRST, 1, 1, "ORPHANED", 500, NOON.plusSeconds(3)));
        silent = Map.of("instance", NOON.minusSeconds(12));

        assertThat(violations()).isEmpty();
    }

    @Test
    void a_denial_that_was_forwarded_all_the_same_is_found() {
        replies.add(new Reply("acme", FIRST, 503, "ledger_unavailable"));

        assertThat(violations()).containsExactly("I8 denied with 503 ledger_unavailable, yet forwarded: " + FIRST);
    }

    @Test
    void an_error_of_the_model_server_is_no_denial() {
        replies.add(new Reply("acme", FIRST, 502, "upstream_error"));

        assertThat(violations()).isEmpty();
    }

    private List<String> violations() {
        Limits limits = new Limits(null, 50L, 1L, null, null, 100L);
        Evidence evidence = new Evidence(
                Map.of("t:acme", new Scenario.Party("tenant acme", "t:acme", limits)),
                new GroundTruth(work, 0),
                new LedgerRecords(entries, accounts, unadmitted),
                replies,
                new Sampler.Samples(1, 0, Map.of("t:acme", mostUsed), silent));
        List<Violation> found = new ArrayList<>(LedgerInvariants.check(evidence));
        found.addAll(LimitInvariants.check(evidence).violations());
        return found.stream().map(Violation::toString).toList();
    }

    /** All its tokens come with the request. */
    private static GroundTruth.Work work(UUID id, long startSecond, long endSecond, long tokens) {
        return new GroundTruth.Work(
                id,
                startSecond * SECOND,
                endSecond * SECOND,
                List.of(new Peak.Event(startSecond * SECOND, tokens, id)),
                false,
                NOON.plusSeconds(startSecond));
    }

    private static LedgerRecords.Entry settled(UUID id, long charged) {
        return entry(id, 1, 1, "COMPLETED", charged, NOON.plusSeconds(100));
    }

    private static LedgerRecords.Entry entry(
            UUID id, int settlements, int auditRows, @Nullable String outcome, long charged, @Nullable Instant at) {
        return new LedgerRecords.Entry(
                id,
                "acme",
                "key",
                "instance",
                NOON,
                settlements,
                auditRows,
                outcome,
                "COMPLETED".equals(outcome) ? "REPORTED" : "UPPER_BOUND",
                charged,
                at);
    }
}
