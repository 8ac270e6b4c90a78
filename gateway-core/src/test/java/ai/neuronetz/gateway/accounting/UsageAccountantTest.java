package ai.neuronetz.gateway.accounting;

import static ai.neuronetz.gateway.metering.Settlement.Basis.OBSERVED;
import static ai.neuronetz.gateway.metering.Settlement.Basis.REPORTED;
import static ai.neuronetz.gateway.metering.Settlement.Basis.REPORTED_BOUND;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.CLIENT_GONE;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.COMPLETED;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.CUT;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.NOT_FORWARDED;
import static ai.neuronetz.gateway.metering.Settlement.Outcome.UPSTREAM_FAILED;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Input bound 100, output cap 50, reserved 150. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class UsageAccountantTest {

    private final List<Settlement> settled = new ArrayList<>();

    @Test
    void a_complete_answer_is_charged_as_reported() {
        Settlement settlement = settle(new Observation(COMPLETED, true, true, 17L, 42L, 3, 9, 200, 5L, 70));

        assertThat(settlement).isEqualTo(new Settlement(COMPLETED, REPORTED, 17L, 42L, 59, 200, 5L, 70));
    }

    @Test
    void a_complete_answer_counts_as_reported_even_if_the_client_left_after_it() {
        assertThat(settle(seen(CLIENT_GONE, true, 17L, 42L, 3, 9)).basis()).isEqualTo(REPORTED);
    }

    @Test
    void the_truth_counts_even_beyond_the_reservation() {
        assertThat(settle(seen(COMPLETED, true, 200L, 60L, 3, 9)).charged()).isEqualTo(260);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {"null", "0", "-1", "1510", "9223372036854775807", "-9223372036854775808"})
    void without_a_credible_input_the_input_is_charged_at_its_bound(@Nullable Long input) {
        Settlement settlement = settle(seen(COMPLETED, true, input, 42L, 3, 9));

        assertThat(settlement.basis()).isEqualTo(REPORTED_BOUND);
        assertThat(settlement.inputTokens()).isNull();
        assertThat(settlement.charged()).isEqualTo(142);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {"null", "0", "-1", "1510", "9223372036854775807", "-9223372036854775808"})
    void without_a_credible_output_what_was_seen_is_charged(@Nullable Long output) {
        Settlement settlement = settle(seen(COMPLETED, true, 17L, output, 3, 9));

        assertThat(settlement.basis()).isEqualTo(OBSERVED);
        assertThat(settlement.outputTokens()).isNull();
        assertThat(settlement.charged()).isEqualTo(109);
    }

    @ParameterizedTest
    @EnumSource(
            value = Settlement.Outcome.class,
            names = {"COMPLETED", "CLIENT_GONE", "UPSTREAM_FAILED", "CUT"})
    void an_answer_without_its_end_is_charged_with_what_was_seen(Settlement.Outcome outcome) {
        assertThat(settle(seen(outcome, false, null, null, 3, 9)).charged()).isEqualTo(109);
        assertThat(settle(seen(outcome, false, null, null, 12, 9)).charged()).isEqualTo(112);
        assertThat(settle(seen(outcome, false, 1L, 1L, 3, 9)).charged()).isEqualTo(109);
        assertThat(settled).extracting(Settlement::basis).containsOnly(OBSERVED);
        assertThat(settled).extracting(Settlement::outcome).containsOnly(outcome);
    }

    @ParameterizedTest
    @ValueSource(longs = {50, 51, 1_000_000, Long.MAX_VALUE})
    void what_was_seen_is_charged_up_to_the_reservation(long outputBytes) {
        assertThat(settle(seen(CUT, false, null, null, 3, outputBytes)).charged())
                .isEqualTo(150);
    }

    @Test
    void a_client_that_leaves_before_the_first_byte_has_caused_the_work_of_its_prompt() {
        assertThat(settle(new Observation(CLIENT_GONE, true, false, null, null, 0, 0, null, null, 5))
                        .charged())
                .isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 499, 503})
    void a_refusal_of_ollamas_is_nearly_free_but_never_free(int status) {
        Settlement settlement = settle(new Observation(UPSTREAM_FAILED, true, false, null, null, 0, 0, status, 1L, 5));

        assertThat(settlement.basis()).isEqualTo(OBSERVED);
        assertThat(settlement.charged()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 302, 500, 502})
    void another_failure_is_charged_with_the_input(int status) {
        assertThat(settle(new Observation(UPSTREAM_FAILED, true, false, null, null, 0, 0, status, 1L, 5))
                        .charged())
                .isEqualTo(100);
    }

    @Test
    void what_was_not_forwarded_is_free() {
        assertThat(settle(new Observation(NOT_FORWARDED, false, false, null, null, 0, 0, null, null, 5)))
                .isEqualTo(Settlement.notForwarded(5));
        assertThat(settle(new Observation(UPSTREAM_FAILED, false, true, 5L, 5L, 1, 1, null, null, 5))
                        .charged())
                .isZero();
    }

    @Test
    void a_reservation_is_settled_once() {
        Reservation reservation = new OneMeter().make();
        Accountant accountant = Accountant.usage();

        accountant.account(reservation, seen(COMPLETED, true, 1L, 1L, 1, 1));
        accountant.account(reservation, seen(COMPLETED, true, 9L, 9L, 1, 1));

        assertThat(settled).extracting(Settlement::charged).containsExactly(2L);
    }

    private Settlement settle(Observation observation) {
        Accountant.usage().account(new OneMeter().make(), observation);
        return settled.get(settled.size() - 1);
    }

    private static Observation seen(
            Settlement.Outcome outcome,
            boolean finished,
            @Nullable Long input,
            @Nullable Long output,
            long frames,
            long outputBytes) {
        return new Observation(outcome, true, finished, input, output, frames, outputBytes, 200, 5L, 70);
    }

    private final class OneMeter extends Meter {

        Reservation make() {
            Grant grant = new Grant(Endpoint.CHAT, "m", new byte[0], true, false, 100, 50, List.of());
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
