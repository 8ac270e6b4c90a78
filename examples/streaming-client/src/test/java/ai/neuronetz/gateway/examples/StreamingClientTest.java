package ai.neuronetz.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class StreamingClientTest {

    private final List<String> texts = new ArrayList<>();

    @Test
    void text_is_handed_out_while_it_comes(TestGateway gateway) throws Exception {
        gateway.ollama().reply("Hello", ", ", "world");

        client(gateway, gateway.tenant()).ask("llama3.2:3b", "Hi", texts::add);

        assertThat(texts).startsWith("Hello", ", ", "world");
    }

    @Test
    void a_limit_says_when_to_ask_again(TestGateway gateway) throws Exception {
        StreamingClient client = client(gateway, gateway.tenant().limits(new Limits(1L, null, null, null, null, null)));
        client.ask("llama3.2:3b", "Hi", texts::add);

        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.ask("llama3.2:3b", "Hi again", texts::add))
                .satisfies(refused -> {
                    assertThat(refused.status()).isEqualTo(429);
                    // The minute slides by the second: what was asked in a second leaves with the end of it.
                    assertThat(refused.retryAfter())
                            .hasValueSatisfying(
                                    wait -> assertThat(wait).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(61)));
                });
    }

    @Test
    void an_answer_that_breaks_off_is_not_taken_for_complete(TestGateway gateway) {
        gateway.ollama()
                .reply("Hello", ", ", "world")
                .pace(Duration.ofMillis(50))
                .closeAfter(2);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> client(gateway, gateway.tenant()).ask("llama3.2:3b", "Hi", texts::add))
                .withMessageContaining("broke off");
    }

    private static StreamingClient client(TestGateway gateway, TestGateway.Tenant tenant) {
        gateway.ollama().models("llama3.2:3b");
        return new StreamingClient(gateway.url(), tenant.key().secret());
    }
}
