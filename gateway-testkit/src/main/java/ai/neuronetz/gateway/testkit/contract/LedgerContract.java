package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import ai.neuronetz.gateway.metering.Ledger.Entry.Admitted;
import ai.neuronetz.gateway.metering.Ledger.Entry.Fenced;
import ai.neuronetz.gateway.metering.Ledger.Entry.NeverFits;
import ai.neuronetz.gateway.metering.Ledger.Entry.Outdated;
import ai.neuronetz.gateway.metering.Ledger.Entry.OverBudget;
import ai.neuronetz.gateway.metering.Ledger.Entry.WrongEpoch;
import ai.neuronetz.gateway.metering.Ledger.Fate;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a {@link Ledger} promises. */
public abstract class LedgerContract extends SpiContract {

    private static final int CALLERS = 40;

    /** The implementation; the same for all calls of one test. */
    protected abstract Ledger ledger();

    /** Somebody new, of a new tenant, who may use so many tokens in all. */
    protected abstract Principal principal(long budget);

    /** Revokes the principal's key, and returns when that is durable. */
    protected abstract void revoke(Principal principal);

    @Test
    void requests_at_the_same_time_never_reserve_more_than_the_budget() {
        Ledger ledger = ledger();
        Principal principal = principal(10 * 100 + 99);
        long epoch = ledger.beginEpoch(principal.tenantId()).number();

        List<Entry> entries = atOnce(CALLERS, caller -> {
            try {
                return ledger.admit(admission(principal, epoch, 100));
            } catch (StoreUnavailableException e) {
                return new Fenced();
            }
        });

        assertThat(entries).filteredOn(Admitted.class::isInstance).hasSizeBetween(1, 10);
        assertThat(ledger.beginEpoch(principal.tenantId()).open()).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void a_request_fits_to_the_last_token_and_what_never_fits_is_told_apart() {
        Principal principal = principal(100);
        long epoch = ledger().beginEpoch(principal.tenantId()).number();

        assertThat(ledger().admit(admission(principal, epoch, 101))).isInstanceOf(NeverFits.class);
        assertThat(ledger().admit(admission(principal, epoch, 60))).isInstanceOf(Admitted.class);
        assertThat(ledger().admit(admission(principal, epoch, 41))).isInstanceOf(OverBudget.class);
        assertThat(ledger().admit(admission(principal, epoch, 40))).isInstanceOf(Admitted.class);
    }

    @Test
    void nothing_is_admitted_after_a_revoke() {
        Principal principal = principal(100);
        long epoch = ledger().beginEpoch(principal.tenantId()).number();

        revoke(principal);

        assertThat(ledger().admit(admission(principal, epoch, 2))).isEqualTo(new Outdated());
    }

    @Test
    void nothing_is_admitted_under_an_epoch_that_has_ended() {
        Principal principal = principal(100);
        Epoch first = ledger().beginEpoch(principal.tenantId());
        Epoch second = ledger().beginEpoch(principal.tenantId());

        assertThat(second.number()).isGreaterThan(first.number());
        assertThat(ledger().admit(admission(principal, first.number(), 2))).isEqualTo(new WrongEpoch());
        assertThat(ledger().admit(admission(principal, second.number(), 2))).isInstanceOf(Admitted.class);
    }

    @Test
    void a_request_that_was_voided_before_it_came_is_never_admitted() {
        Ledger ledger = ledger();
        Principal principal = principal(100);
        Admission late =
                admission(principal, ledger.beginEpoch(principal.tenantId()).number(), 2);

        assertThat(ledger.resolve(List.of(late.requestId()))).containsExactly(new Fate.NeverAdmitted(late.requestId()));

        assertThat(ledger.admit(late)).isEqualTo(new Fenced());
    }

    @Test
    void a_voided_admission_holds_nothing() {
        Ledger ledger = ledger();
        Principal principal = principal(100);
        long epoch = ledger.beginEpoch(principal.tenantId()).number();
        Admission doubtful = admission(principal, epoch, 100);
        ledger.admit(doubtful);

        ledger.voidAdmission(doubtful.requestId(), principal.tenantId());

        eventually(
                "the budget is free again", () -> ledger.admit(admission(principal, epoch, 100)) instanceof Admitted);
    }

    @Test
    void a_settlement_counts_once_however_often_it_is_said() {
        Ledger ledger = ledger();
        Principal principal = principal(100);
        long epoch = ledger.beginEpoch(principal.tenantId()).number();
        Admission request = admission(principal, epoch, 100);
        ledger.admit(request);
        assertThat(fate(ledger, request.requestId())).isEqualTo(new Fate.Open(request.requestId()));

        for (int time = 0; time < 3; time++) {
            ledger.settle(request.requestId(), principal.tenantId(), charged(30));
        }

        eventually(
                "the request is settled",
                () -> fate(ledger, request.requestId()).equals(new Fate.Settled(request.requestId(), 30)));
        assertThat(ledger.admit(admission(principal, epoch, 70))).isInstanceOf(Admitted.class);
        assertThat(ledger.admit(admission(principal, epoch, 2))).isInstanceOf(OverBudget.class);
    }

    @Test
    void while_the_store_hangs_every_question_ends_within_the_deadline() {
        Ledger ledger = ledger();
        Principal principal = principal(100);
        long epoch = ledger.beginEpoch(principal.tenantId()).number();

        whileStoreHangs(() -> {
            assertThatThrownBy(() -> within(deadline(), () -> ledger.admit(admission(principal, epoch, 2))))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> within(deadline(), () -> ledger.beginEpoch(principal.tenantId())))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> within(deadline(), () -> ledger.resolve(List.of(UUID.randomUUID()))))
                    .isInstanceOf(StoreUnavailableException.class);
            within(deadline(), ledger::accepting);
        });
    }

    private static Fate fate(Ledger ledger, UUID requestId) {
        return ledger.resolve(List.of(requestId)).get(0);
    }

    private static Admission admission(Principal principal, long epoch, long tokens) {
        return new Admission(Reservations.requestId(), principal, epoch, "/api/chat", "llama3:8b", 1, tokens - 1);
    }

    private static Settlement charged(long tokens) {
        return new Settlement(Outcome.COMPLETED, Basis.REPORTED, 1L, tokens - 1, tokens, 200, 1L, 2);
    }
}
