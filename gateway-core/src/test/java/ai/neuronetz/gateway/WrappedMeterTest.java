package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WrappedMeterTest {

    private final ScriptedStages stages = new ScriptedStages();

    @Test
    void what_ours_reserved_is_handed_on_as_it_is() {
        Metering metering = reserve(UnaryOperator.identity());

        assertThat(metering).isInstanceOf(Metering.Reserved.class);
        assertThat(stages.settlements).isEmpty();
    }

    @Test
    void what_ours_reserved_and_the_other_refuses_is_given_back() {
        reserve(reserved -> new Metering.Refused(Denial.of(Reason.RATE_LIMIT_REQUESTS)));

        assertThat(stages.settlements).extracting(Settlement::outcome).containsExactly(Outcome.NOT_FORWARDED);
    }

    @Test
    void what_ours_reserved_and_the_other_loses_is_given_back() {
        assertThatThrownBy(() -> reserve(reserved -> {
                    throw new AssertionError("unforeseen");
                }))
                .isInstanceOf(AssertionError.class);
        reserve(reserved -> null);

        assertThat(stages.settlements).extracting(Settlement::charged).containsExactly(0L, 0L);
    }

    private Metering reserve(UnaryOperator<Metering> after) {
        return new WrappedMeter(stages.meter, ours -> new Meter() {
                    @Override
                    public Metering reserve(UUID requestId, Principal principal, Grant grant) {
                        return after.apply(ours.reserve(requestId, principal, grant));
                    }
                })
                .reserve(UUID.randomUUID(), ScriptedStages.PRINCIPAL, ScriptedStages.grant(true));
    }
}
