package ai.neuronetz.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.GatewayPipelineBuilder;
import ai.neuronetz.gateway.admin.PromptAdministration;
import ai.neuronetz.gateway.prompts.Redactor;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CustomersTest {

    private static final AtomicBoolean REGISTER_DOWN = new AtomicBoolean();

    @RegisterExtension
    static final GatewayExtension GATEWAY =
            GatewayExtension.with(gateway -> gateway.pipeline(CustomersTest::withCustomersTakenOut));

    private static GatewayPipelineBuilder withCustomersTakenOut(GatewayPipelineBuilder pipeline) {
        return pipeline.redactor(Redactor.patterns().andThen(new Customers(CustomersTest::register)));
    }

    private TestGateway gateway;
    private TestGateway.Key key;

    @BeforeEach
    void a_key_that_opted_in() {
        gateway = GATEWAY.gateway();
        key = gateway.tenant().key().logPrompts(Duration.ofDays(1));
        REGISTER_DOWN.set(false);
    }

    @Test
    void customers_are_taken_out_of_what_is_kept_and_the_model_sees_them() throws Exception {
        gateway.ollama().reply("Write to Ada Lovelace", ", ada@example.org.");

        ask("Who is C-1234 5678?");

        PromptAdministration prompts = gateway.administration().prompts();
        await(() -> !prompts.list(null, key.id(), null, 10).isEmpty());
        PromptAdministration.Prompt kept = prompts.read(
                        prompts.list(null, key.id(), null, 10).get(0).requestId())
                .orElseThrow();
        assertThat(kept.prompt()).isEqualTo("[user]\nWho is [redacted: customer number]?");
        assertThat(kept.answer()).isEqualTo("Write to [redacted: customer], [redacted: e-mail].");
        assertThat(gateway.ollama().inferenceRequests().get(0).body()).contains("C-1234 5678");
    }

    @Test
    void while_the_register_is_down_nothing_is_kept_and_the_client_is_served() throws Exception {
        REGISTER_DOWN.set(true);

        assertThat(ask("Who is C-1234 5678?")).isEqualTo(200);

        await(() -> gateway.metrics()
                        .get("gateway.prompts.dropped")
                        .tag("reason", "redactor_failed")
                        .counter()
                        .count()
                == 1);
        assertThat(gateway.administration().prompts().list(null, key.id(), null, 10))
                .isEmpty();
    }

    private static Set<String> register() {
        if (REGISTER_DOWN.get()) {
            throw new IllegalStateException("no connection");
        }
        return Set.of("Ada Lovelace");
    }

    private int ask(String question) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.url().resolve("/api/chat"))
                .header("Authorization", "Bearer " + key.secret())
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"llama3.2:3b\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\""
                                + question + "\"}]}"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
