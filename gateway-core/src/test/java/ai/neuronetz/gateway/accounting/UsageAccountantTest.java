package ai.neuronetz.gateway.accounting;

import static ai.neuronetz.gateway.metering.Settlement.Basis.OBSERVED;
import static ai.neuronetz.gateway.metering.Settlement.Basis.REPORTED;
import static ai.neuronetz.gateway.metering.Settlement.Basis.REPORTED_BOUND;
import static ai.neuronetz.gateway.metering.Settlement.Basis.UPPER_BOUND;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.CLIENT_GONE;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.COMPLETED;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.CUT;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.NOT_FORWARDED;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.UPSTREAM_FAILED;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.access.ModelBounds;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.TokenCount;
import ai.neuronetz.gateway.ollama.TokenCount.Unusable;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Input bound 100, output cap 50, reserved 150. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class UsageAccountantTest {

    private final List<Settlement> settled = new ArrayList<>();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final ModelBounds bounds = ModelBounds.inMemory();

    @Test
    void a_complete_answer_is_charged_as_reported() {
        Settlement settlement =
                settle(new Observation(COMPLETED, true, true, stated(17), stated(42), 3, 9, 0, 200, 5L, 70));

        assertThat(settlement).isEqualTo(new Settlement(COMPLETED, REPORTED, 17L, 42L, 59, 200, 5L, 70));
    }

    @Test
    void a_complete_answer_counts_as_reported_even_if_the_client_left_after_it() {
        assertThat(settle(seen(CLIENT_GONE, true, stated(17), stated(42), 3, 9)).basis())
                .isEqualTo(REPORTED);
    }

    @Test
    void the_truth_counts_even_beyond_the_reservation() {
        assertThat(settle(seen(COMPLETED, true, stated(200), stated(60), 3, 9)).charged())
                .isEqualTo(260);
    }

    @ParameterizedTest
    @MethodSource("unbelievable")
    void without_a_credible_input_the_input_is_charged_at_its_bound(TokenCount input, String kind) {
        Settlement settlement = settle(seen(COMPLETED, true, input, stated(42), 3, 9));

        assertThat(settlement.basis()).isEqualTo(REPORTED_BOUND);
        assertThat(settlement.inputTokens()).isNull();
        assertThat(settlement.charged()).isEqualTo(142);
        assertThat(rejected(kind)).isEqualTo(1);
        assertThat(violations()).isZero();
    }

    @ParameterizedTest
    @MethodSource("unbelievable")
    void without_a_credible_output_what_was_seen_is_charged_or_all_if_it_is_beyond_belief(
            TokenCount output, String kind) {
        Settlement settlement = settle(seen(COMPLETED, true, stated(17), output, 3, 9));

        assertThat(settlement.basis()).isEqualTo(kind.equals("huge") ? UPPER_BOUND : OBSERVED);
        assertThat(settlement.inputTokens()).isEqualTo(17);
        assertThat(settlement.outputTokens()).isNull();
        assertThat(settlement.charged()).isEqualTo(kind.equals("huge") ? 150 : 109);
        assertThat(rejected(kind)).isEqualTo(1);
    }

    static Stream<Arguments> unbelievable() {
        return Stream.of(
                Arguments.of(Unusable.MISSING, "missing"),
                Arguments.of(Unusable.NEGATIVE, "negative"),
                Arguments.of(Unusable.MALFORMED, "malformed"),
                Arguments.of(Unusable.HUGE, "huge"),
                Arguments.of(stated((1 << 20) + 1), "huge"),
                Arguments.of(stated(Long.MAX_VALUE), "huge"));
    }

    @Test
    void output_beyond_ten_times_its_cap_is_beyond_belief() {
        assertThat(settle(seen(COMPLETED, true, stated(17), stated(500), 3, 9)).charged())
                .isEqualTo(517);
        assertThat(settle(seen(COMPLETED, true, stated(17), stated(501), 3, 9)).charged())
                .isEqualTo(150);
    }

    @Test
    void less_output_than_there_were_frames_is_understated_and_the_frames_are_charged() {
        Settlement settlement = settle(seen(COMPLETED, true, stated(17), stated(2), 3, 9));

        assertThat(settlement.basis()).isEqualTo(OBSERVED);
        assertThat(settlement.outputTokens()).isEqualTo(2);
        assertThat(settlement.charged()).isEqualTo(20);
        assertThat(rejected("understated")).isEqualTo(1);
        assertThat(settle(seen(COMPLETED, true, Unusable.MISSING, stated(2), 3, 9))
                        .charged())
                .isEqualTo(103);
    }

    @Test
    void an_input_above_its_bound_is_charged_in_full_counted_and_remembered() {
        Settlement settlement = settle(seen(COMPLETED, true, stated(300), stated(42), 3, 9));

        assertThat(settlement.charged()).isEqualTo(342);
        assertThat(violations()).isEqualTo(1);
        assertThat(bounds.allowance("registry.ollama.ai/library/m:latest")).isEqualTo(300);
        assertThat(settle(seen(COMPLETED, true, stated(300), Unusable.MALFORMED, 3, 9))
                        .charged())
                .as("without a credible output too")
                .isEqualTo(309);
        assertThat(settle(seen(COMPLETED, true, stated(100), stated(42), 3, 9)).charged())
                .isEqualTo(142);
        assertThat(violations()).isEqualTo(2);
    }

    @Test
    void settlements_are_counted_by_their_basis() {
        settle(seen(COMPLETED, true, stated(17), stated(42), 3, 9));
        settle(seen(CUT, false, Unusable.MISSING, Unusable.MISSING, 3, 9));

        assertThat(registry.get("gateway.accounting.settlements")
                        .tag("basis", "reported")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("gateway.accounting.settlements")
                        .tag("basis", "observed")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(rejected("missing"))
                .as("an answer without its end has no counts to reject")
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = Settlement.Outcome.class,
            names = {"COMPLETED", "CLIENT_GONE", "UPSTREAM_FAILED", "CUT"})
    void an_answer_without_its_end_is_charged_with_what_was_seen(Settlement.Outcome outcome) {
        assertThat(settle(seen(outcome, false, Unusable.MISSING, Unusable.MISSING, 3, 9))
                        .charged())
                .isEqualTo(109);
        assertThat(settle(seen(outcome, false, Unusable.MISSING, Unusable.MISSING, 12, 9))
                        .charged())
                .isEqualTo(112);
        assertThat(settle(seen(outcome, false, stated(1), stated(1), 3, 9)).charged())
                .isEqualTo(109);
        assertThat(settled).extracting(Settlement::basis).containsOnly(OBSERVED);
        assertThat(settled).extracting(Settlement::outcome).containsOnly(outcome);
    }

    @ParameterizedTest
    @ValueSource(longs = {50, 51, 1_000_000, Long.MAX_VALUE})
    void what_was_seen_is_charged_up_to_the_reservation(long outputBytes) {
        assertThat(settle(seen(CUT, false, Unusable.MISSING, Unusable.MISSING, 3, outputBytes))
                        .charged())
                .isEqualTo(150);
    }

    @Test
    void frames_beyond_the_cap_are_charged_as_they_were_seen() {
        assertThat(settle(seen(CUT, false, Unusable.MISSING, Unusable.MISSING, 51, 51))
                        .charged())
                .isEqualTo(151);
    }

    @Test
    void a_client_that_leaves_before_the_first_byte_has_caused_the_work_of_its_prompt() {
        assertThat(settle(new Observation(
                                CLIENT_GONE, true, false, Unusable.MISSING, Unusable.MISSING, 0, 0, 0, null, null, 5))
                        .charged())
                .isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 499, 503})
    void a_refusal_of_ollamas_is_nearly_free_but_never_free(int status) {
        Settlement settlement = settle(new Observation(
                UPSTREAM_FAILED, true, false, Unusable.MISSING, Unusable.MISSING, 0, 0, 0, status, 1L, 5));

        assertThat(settlement.basis()).isEqualTo(OBSERVED);
        assertThat(settlement.charged()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 302, 500, 502})
    void another_failure_is_charged_with_the_input(int status) {
        assertThat(settle(new Observation(
                                UPSTREAM_FAILED,
                                true,
                                false,
                                Unusable.MISSING,
                                Unusable.MISSING,
                                0,
                                0,
                                0,
                                status,
                                1L,
                                5))
                        .charged())
                .isEqualTo(100);
    }

    @Test
    void what_was_not_forwarded_is_free() {
        assertThat(settle(new Observation(
                        NOT_FORWARDED, false, false, Unusable.MISSING, Unusable.MISSING, 0, 0, 0, null, null, 5)))
                .isEqualTo(Settlement.notForwarded(5));
        assertThat(settle(new Observation(UPSTREAM_FAILED, false, true, stated(5), stated(5), 1, 1, 0, null, null, 5))
                        .charged())
                .isZero();
    }

    @Test
    void a_reservation_is_settled_once() {
        Reservation reservation = new OneMeter().make(grant(true, false, 50));
        Accountant accountant = Accountant.usage(registry, bounds);

        accountant.account(reservation, seen(COMPLETED, true, stated(1), stated(1), 1, 1));
        accountant.account(reservation, seen(COMPLETED, true, stated(9), stated(9), 1, 1));

        assertThat(settled).extracting(Settlement::charged).containsExactly(2L);
    }

    private Settlement settle(Observation observation) {
        return settle(grant(true, false, 50), observation);
    }

    private Settlement settle(Grant grant, Observation observation) {
        Accountant.usage(registry, bounds).account(new OneMeter().make(grant), observation);
        return settled.get(settled.size() - 1);
    }

    private static TokenCount stated(long tokens) {
        return new TokenCount.Stated(tokens);
    }

    private double rejected(String kind) {
        return registry.get("gateway.accounting.counts.rejected")
                .tag("kind", kind)
                .counter()
                .count();
    }

    private double violations() {
        return registry.get("gateway.accounting.bound.violations").counter().count();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 0})
    void a_client_that_leaves_before_a_whole_answer_may_have_caused_all_of_it(int status) {
        Settlement settlement = settle(
                grant(false, false, 50),
                new Observation(
                        CLIENT_GONE,
                        true,
                        false,
                        Unusable.MISSING,
                        Unusable.MISSING,
                        0,
                        0,
                        0,
                        status == 0 ? null : status,
                        null,
                        5));

        assertThat(settlement.basis()).isEqualTo(UPPER_BOUND);
        assertThat(settlement.charged()).isEqualTo(150);
    }

    @Test
    void a_refusal_that_may_come_after_the_work_is_charged_as_the_work() {
        Observation refused =
                new Observation(UPSTREAM_FAILED, true, false, Unusable.MISSING, Unusable.MISSING, 0, 0, 0, 400, 1L, 5);

        assertThat(settle(grant(false, false, 0), refused).charged()).isEqualTo(100);
        assertThat(settle(grant(false, true, 50), refused).charged()).isEqualTo(150);
        assertThat(settle(grant(false, false, 50), refused).charged()).isEqualTo(1);
        assertThat(settle(grant(true, true, 50), refused).charged()).isEqualTo(1);
    }

    @Test
    void thoughts_before_a_structured_output_are_charged_as_well_up_to_the_cap() {
        Observation thought = new Observation(COMPLETED, true, true, stated(17), stated(3), 1, 900, 20, 200, 5L, 70);
        Observation all = new Observation(COMPLETED, true, true, stated(17), stated(3), 1, 900, 880, 200, 5L, 70);

        assertThat(settle(grant(false, true, 50), thought).charged()).isEqualTo(17 + 3 + 20);
        assertThat(settle(grant(false, true, 50), all).charged()).isEqualTo(17 + 3 + 50);
        assertThat(settle(grant(false, false, 50), all).charged()).isEqualTo(20);
    }

    private static Grant grant(boolean streamed, boolean structured, int cap) {
        return new Grant(Endpoint.CHAT, "m", new byte[0], streamed, false, structured, 100, cap, List.of());
    }

    private static Observation seen(
            Settlement.Outcome outcome,
            boolean finished,
            TokenCount input,
            TokenCount output,
            long frames,
            long outputBytes) {
        return new Observation(outcome, true, finished, input, output, frames, outputBytes, 0, 200, 5L, 70);
    }

    private final class OneMeter extends Meter {

        Reservation make(Grant grant) {
            Principal principal = new Principal(
                    "t", new KeyId("0123456789ab"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 1);
            return reserved(new UUID(0, 1), principal, grant, Map.of(), settled::add);
        }

        @Override
        public Metering reserve(UUID requestId, Principal principal, Grant grant) {
            throw new UnsupportedOperationException();
        }
    }
}
