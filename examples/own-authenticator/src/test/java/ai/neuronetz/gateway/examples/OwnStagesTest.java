package ai.neuronetz.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.GatewayPipelineBuilder;
import ai.neuronetz.gateway.accounting.UsageRecord;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnStagesTest {

    private static final AtomicBoolean MAINTAINED = new AtomicBoolean();
    private static final BlockingQueue<UsageRecord> SETTLED = new LinkedBlockingQueue<>();

    @RegisterExtension
    static final GatewayExtension GATEWAY =
            GatewayExtension.with(gateway -> gateway.pipeline(OwnStagesTest::withOwnStages));

    private static GatewayPipelineBuilder withOwnStages(GatewayPipelineBuilder pipeline) {
        return pipeline.wrapAuthorizer(gateways -> new Maintenance(gateways, MAINTAINED::get))
                .usageListener(SETTLED::add);
    }

    @Test
    void a_wrapped_stage_refuses_and_hands_on_and_the_listener_hears_what_was_settled(TestGateway gateway)
            throws Exception {
        TestGateway.Key key = gateway.tenant().key();

        MAINTAINED.set(true);
        assertThat(chat(gateway, key)).isEqualTo(503);
        MAINTAINED.set(false);
        assertThat(chat(gateway, key)).isEqualTo(200);

        UsageRecord settled = SETTLED.poll(10, TimeUnit.SECONDS);
        assertThat(settled).isNotNull();
        assertThat(settled.keyId()).isEqualTo(key.id());
        assertThat(SETTLED).isEmpty();
    }

    private static int chat(TestGateway gateway, TestGateway.Key key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.url().resolve("/api/generate"))
                .header("Authorization", "Bearer " + key.secret())
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"llama3.2:3b\",\"prompt\":\"Hello\"}"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }
}
