package ai.neuronetz.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real gateway over a real PostgreSQL and a real Redis; only the model is a mock. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SummariesTest {

    @RegisterExtension
    static final GatewayExtension GATEWAY = new GatewayExtension();

    private TestGateway gateway;

    @BeforeEach
    void install_a_model() {
        gateway = GATEWAY.gateway();
        gateway.ollama().models("llama3.2:3b");
    }

    @Test
    void a_summary_is_what_the_model_says() throws Exception {
        gateway.ollama().reply("Short", " and", " sweet.");

        assertThat(summaries(gateway.tenant()).of("A long text."))
                .hasValueSatisfying(summary -> assertThat(summary).startsWith("Short and sweet."));
    }

    @Test
    void there_is_no_summary_when_the_minute_is_used_up() throws Exception {
        Summaries summaries = summaries(gateway.tenant().limits(new Limits(1L, null, null, null, null, null)));
        summaries.of("A long text.");

        assertThat(summaries.of("Another one.")).isEmpty();
    }

    @Test
    void a_model_that_breaks_is_no_empty_summary() {
        gateway.ollama().fail(500, "llama runner process has terminated");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> summaries(gateway.tenant()).of("A long text."))
                .withMessage("the model answered 502");
    }

    private Summaries summaries(TestGateway.Tenant tenant) {
        return new Summaries(gateway.url(), tenant.key().secret());
    }
}
