package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RedactorWithoutDatabaseTest {

    @Test
    void a_redactor_for_which_nothing_is_kept_is_refused_when_the_pipeline_is_built() {
        ScriptedStages stages = new ScriptedStages();
        GatewayPipelineBuilder builder = GatewayPipeline.builder(
                        GatewaySettings.builder().build())
                .authenticator(stages)
                .authorizer(stages)
                .meter(new NoMeter())
                .upstream(stages)
                .accountant(stages)
                .auditLog(stages)
                .redactor(text -> text);

        assertThatThrownBy(builder::build)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("redactor: ");
    }

    private static final class NoMeter extends Meter {

        @Override
        public Metering reserve(UUID requestId, Principal principal, Grant grant) {
            throw new UnsupportedOperationException();
        }
    }
}
