package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import ai.neuronetz.gateway.metering.RateGate.GateResult.Admitted;
import ai.neuronetz.gateway.metering.RateGate.GateResult.Refused;
import ai.neuronetz.gateway.metering.RateGate.GateResult.Unknown;
import ai.neuronetz.gateway.metering.RateGate.Limit;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a {@link RateGate} promises. */
public abstract class RateGateContract extends SpiContract {

    private static final int CALLERS = 40;
    private static final KeyId KEY = new KeyId("AAAAAAAAAAAA");

    private final String tenant = "t-" + UUID.randomUUID();

    /** The implementation; the same for all calls of one test. */
    protected abstract RateGate gate();

    @Test
    void a_tenant_it_has_never_heard_of_is_unknown_and_not_unused() {
        assertThat(gate().admit(UUID.randomUUID(), principal(Limits.none()), 1)).isInstanceOf(Unknown.class);
    }

    @Test
    void after_a_rebuild_it_admits_under_the_epoch_of_the_ledger_and_never_goes_back() {
        RateGate gate = gate();
        Principal principal = principal(Limits.none());
        begin(gate, principal, 7);
        begin(gate, principal, 6);

        assertThat(gate.admit(UUID.randomUUID(), principal, 1))
                .isInstanceOfSatisfying(
                        Admitted.class, admitted -> assertThat(admitted.epoch()).isEqualTo(7));
    }

    @Test
    void of_many_at_once_exactly_as_many_pass_as_requests_are_allowed() {
        assertThat(admittedAtOnce(new Limits(7L, null, null, null, null, null), 1))
                .isEqualTo(7);
    }

    @Test
    void of_many_at_once_exactly_as_many_pass_as_tokens_are_allowed() {
        assertThat(admittedAtOnce(new Limits(null, 79L, null, null, null, null), 10))
                .isEqualTo(7);
    }

    @Test
    void of_many_at_once_exactly_as_many_pass_as_may_be_open() {
        assertThat(admittedAtOnce(new Limits(null, null, 7L, null, null, null), 1))
                .isEqualTo(7);
    }

    @Test
    void the_same_request_asked_again_takes_no_second_place() {
        RateGate gate = gate();
        Principal principal = principal(new Limits(2L, null, null, null, null, null));
        begin(gate, principal, 1);
        UUID request = UUID.randomUUID();

        gate.admit(request, principal, 1);
        assertThat(gate.admit(request, principal, 1)).isInstanceOf(Admitted.class);

        assertThat(gate.admit(UUID.randomUUID(), principal, 1)).isInstanceOf(Admitted.class);
        assertThat(gate.admit(UUID.randomUUID(), principal, 1)).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.limit()).isEqualTo(Limit.REQUESTS);
            assertThat(refused.retryAfter()).isPositive();
        });
    }

    @Test
    void a_settled_request_gives_its_place_back_once_and_is_counted_as_charged() {
        RateGate gate = gate();
        Principal principal = principal(new Limits(null, 100L, 2L, null, null, null));
        begin(gate, principal, 1);
        UUID request = UUID.randomUUID();
        gate.admit(request, principal, 40);
        gate.admit(UUID.randomUUID(), principal, 40);

        gate.settle(request, tenant, 10);
        gate.settle(request, tenant, 0);

        assertThat(gate.admit(UUID.randomUUID(), principal, 51)).isInstanceOf(Refused.class);
        assertThat(gate.admit(UUID.randomUUID(), principal, 50)).isInstanceOf(Admitted.class);
        assertThat(gate.admit(UUID.randomUUID(), principal, 1)).isInstanceOf(Refused.class);
    }

    @Test
    void a_request_that_was_taken_back_was_never_asked() {
        RateGate gate = gate();
        Principal principal = principal(new Limits(1L, null, null, null, null, null));
        begin(gate, principal, 1);
        UUID request = UUID.randomUUID();
        gate.admit(request, principal, 1);
        assertThat(gate.openTenants()).contains(tenant);
        assertThat(gate.open(tenant, Duration.ZERO)).containsExactly(request);

        gate.release(request, tenant);
        gate.release(request, tenant);

        assertThat(gate.open(tenant, Duration.ZERO)).isEmpty();
        assertThat(gate.admit(UUID.randomUUID(), principal, 1)).isInstanceOf(Admitted.class);
    }

    @Test
    void while_the_store_hangs_every_question_ends_within_the_deadline() {
        RateGate gate = gate();
        Principal principal = principal(Limits.none());
        begin(gate, principal, 1);

        whileStoreHangs(() -> {
            assertThatThrownBy(() -> within(deadline(), () -> gate.admit(UUID.randomUUID(), principal, 1)))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> within(deadline(), () -> {
                        gate.settle(UUID.randomUUID(), tenant, 1);
                        return true;
                    }))
                    .isInstanceOf(StoreUnavailableException.class);
        });
    }

    private long admittedAtOnce(Limits limits, long tokens) {
        RateGate gate = gate();
        Principal principal = principal(limits);
        begin(gate, principal, 1);
        // A call that comes late may or may not have counted; the gate says which when it is asked again.
        List<GateResult> results = atOnce(CALLERS, caller -> {
            UUID request = UUID.randomUUID();
            return patiently(() -> gate.admit(request, principal, tokens));
        });
        return results.stream().filter(Admitted.class::isInstance).count();
    }

    /** As a caller does: it is told that the state is unknown, and by whom. */
    private void begin(RateGate gate, Principal principal, long epoch) {
        GateResult asked = gate.admit(new UUID(1, epoch), principal, 1);
        String identity = asked instanceof Unknown unknown ? unknown.identity() : ((Admitted) asked).identity();
        gate.release(new UUID(1, epoch), tenant);
        gate.rebuild(tenant, identity, new Epoch(epoch, List.of(), List.of(), List.of()));
    }

    private Principal principal(Limits limits) {
        return new Principal(tenant, KEY, ModelPolicy.none(), Limits.none(), limits, null, 1);
    }
}
