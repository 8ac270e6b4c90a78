package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Metering.Refused;
import ai.neuronetz.gateway.metering.Metering.Reserved;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a {@link Meter} promises. */
public abstract class MeterContract extends SpiContract {

    private static final int CALLERS = 40;

    /** The implementation; the same for all calls of one test. */
    protected abstract Meter meter();

    /** Somebody new who may use so many tokens in all, and is not limited otherwise. */
    protected abstract Principal principal(long budget);

    @Test
    void a_reservation_is_of_what_was_asked_for() {
        Principal principal = principal(1_000);
        UUID requestId = Reservations.requestId();
        Grant grant = Reservations.grant(100);

        Reservation reservation = reservation(meter().reserve(requestId, principal, grant));

        assertThat(reservation.requestId()).isEqualTo(requestId);
        assertThat(reservation.principal()).isEqualTo(principal);
        assertThat(reservation.grant()).isSameAs(grant);
        assertThat(reservation.tokens()).isEqualTo(100);
    }

    @Test
    void requests_at_the_same_time_never_reserve_more_than_there_is() {
        Meter meter = meter();
        Principal principal = principal(10 * 100 + 99);

        List<Metering> answers = atOnce(CALLERS, caller -> reserve(meter, principal, 100));

        assertThat(answers).filteredOn(Reserved.class::isInstance).hasSizeBetween(1, 10);
        assertThat(answers).filteredOn(Refused.class::isInstance).hasSizeGreaterThanOrEqualTo(CALLERS - 10);
    }

    @Test
    void a_request_that_is_refused_holds_nothing() {
        Meter meter = meter();
        Principal principal = principal(100);

        assertThat(reserve(meter, principal, 101)).isInstanceOf(Refused.class);

        assertThat(reserve(meter, principal, 100)).isInstanceOf(Reserved.class);
    }

    @Test
    void what_was_charged_is_spent_and_the_rest_of_the_reservation_is_there_again() {
        Meter meter = meter();
        Principal principal = principal(100);

        assertThat(reservation(reserve(meter, principal, 100)).settle(charged(60)))
                .isTrue();

        eventually("40 of 100 are there again", () -> reserve(meter, principal, 40) instanceof Reserved);
        assertThat(reserve(meter, principal, 2)).isInstanceOf(Refused.class);
    }

    @Test
    void a_request_that_was_not_forwarded_costs_nothing() {
        Meter meter = meter();
        Principal principal = principal(100);

        reservation(reserve(meter, principal, 100)).settle(Settlement.notForwarded(1));

        eventually("all of it is there again", () -> reserve(meter, principal, 100) instanceof Reserved);
    }

    @Test
    void a_reservation_is_settled_once_and_only_the_first_settlement_is_charged() {
        Meter meter = meter();
        Principal principal = principal(300);
        Reservation reservation = reservation(reserve(meter, principal, 100));

        List<Boolean> first = atOnce(8, caller -> reservation.settle(charged(10)));
        assertThat(first).filteredOn(counted -> counted).hasSize(1);
        assertThat(reservation.settle(charged(100))).isFalse();

        eventually("290 of 300 are there again", () -> reserve(meter, principal, 290) instanceof Reserved);
    }

    @Test
    void one_principals_spending_is_not_anothers() {
        Meter meter = meter();
        reserve(meter, principal(100), 100);

        assertThat(reserve(meter, principal(100), 100)).isInstanceOf(Reserved.class);
    }

    @Test
    void while_the_store_hangs_a_request_is_refused_within_the_deadline() {
        Meter meter = meter();
        Principal principal = principal(1_000);

        whileStoreHangs(() -> {
            assertThat(within(deadline(), () -> reserve(meter, principal, 100))).isInstanceOf(Refused.class);
        });
    }

    private static Metering reserve(Meter meter, Principal principal, long tokens) {
        return meter.reserve(Reservations.requestId(), principal, Reservations.grant(tokens));
    }

    private static Reservation reservation(Metering metering) {
        assertThat(metering).isInstanceOf(Reserved.class);
        return ((Reserved) metering).reservation();
    }

    private static Settlement charged(long tokens) {
        return new Settlement(Outcome.COMPLETED, Basis.REPORTED, 1L, tokens - 1, tokens, 200, 1L, 2);
    }
}
