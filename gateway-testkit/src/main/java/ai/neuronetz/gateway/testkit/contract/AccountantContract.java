package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.accounting.Observation;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import ai.neuronetz.gateway.ollama.TokenCount;
import ai.neuronetz.gateway.ollama.TokenCount.Stated;
import ai.neuronetz.gateway.ollama.TokenCount.Unusable;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an {@link Accountant} promises. */
public abstract class AccountantContract extends SpiContract {

    private static final List<TokenCount> COUNTS = List.of(
            new Stated(0),
            new Stated(1),
            new Stated(40),
            new Stated(Long.MAX_VALUE),
            Unusable.MISSING,
            Unusable.NEGATIVE,
            Unusable.HUGE,
            Unusable.MALFORMED);

    private final Reservations reservations = new Reservations();

    /** The implementation; the same for all calls of one test. */
    protected abstract Accountant accountant();

    @Test
    void every_end_whatever_was_reported_is_one_settlement_and_no_exception() {
        Accountant accountant = accountant();
        int ends = 0;
        for (Outcome outcome : Outcome.values()) {
            for (TokenCount input : COUNTS) {
                for (TokenCount output : COUNTS) {
                    accountant.account(
                            reservations.next(),
                            new Observation(
                                    outcome, true, outcome == Outcome.COMPLETED, input, output, 3, 9, 0, 200, 1L, 2));
                    ends++;
                }
            }
        }
        assertThat(reservations.settled()).hasSize(ends);
    }

    @Test
    void what_was_forwarded_is_never_free() {
        Accountant accountant = accountant();
        for (Outcome outcome : Outcome.values()) {
            for (Integer status : new Integer[] {null, 200, 400, 500, 503}) {
                accountant.account(
                        reservations.next(),
                        new Observation(
                                outcome, true, false, Unusable.MISSING, Unusable.MISSING, 0, 0, 0, status, null, 2));
            }
        }
        assertThat(reservations.settled())
                .allSatisfy(settlement -> assertThat(settlement.charged()).isPositive());
    }

    @Test
    void what_was_not_forwarded_costs_nothing() {
        accountant()
                .account(
                        reservations.next(),
                        new Observation(
                                Outcome.NOT_FORWARDED,
                                false,
                                false,
                                Unusable.MISSING,
                                Unusable.MISSING,
                                0,
                                0,
                                0,
                                null,
                                null,
                                2));

        assertThat(reservations.settled())
                .singleElement()
                .extracting(Settlement::charged)
                .isEqualTo(0L);
    }

    @Test
    void of_two_ends_of_one_exchange_the_first_counts() {
        Accountant accountant = accountant();
        Reservation reservation = reservations.next();

        accountant.account(reservation, complete(10));
        accountant.account(reservation, complete(40));

        assertThat(reservations.settled())
                .singleElement()
                .extracting(Settlement::outputTokens)
                .isEqualTo(10L);
    }

    @Test
    void many_threads_at_once_settle_each_reservation_once() {
        Accountant accountant = accountant();
        List<Reservation> each = List.of(reservations.next(), reservations.next());

        atOnce(16, caller -> {
            accountant.account(each.get(caller % 2), complete(10));
            return true;
        });

        assertThat(reservations.settled()).hasSize(2);
    }

    /** One frame, so that no count of more than none is less than what was seen. */
    private static Observation complete(long output) {
        return new Observation(Outcome.COMPLETED, true, true, new Stated(20), new Stated(output), 1, 1, 0, 200, 1L, 2);
    }
}
