package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.bench.QuietLog;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import java.time.Duration;
import java.util.Map;

/** A whole gateway with stores of its own in a process of its own; everything a tenant and a key can have is limited. */
final class GatewayProcess {

    private static final Limits LIMITS =
            new Limits(1_000_000L, 1_000_000_000L, 1_000L, 1_000_000_000_000L, 1_000_000_000_000L, 1_000_000_000_000L);

    private GatewayProcess() {}

    public static void main(String[] arguments) {
        QuietLog.apply();
        String ollama = Parameters.of(arguments).text("ollama");
        try (TestPostgres postgres = TestPostgres.start(true);
                TestRedis redis = TestRedis.start();
                TestGateway gateway = TestGateway.builder()
                        .postgres(postgres)
                        .redis(redis)
                        .settings(settings -> settings.ollamaUrl(ollama)
                                .discoveryInterval(Duration.ofSeconds(5))
                                .discoveryMaxAge(Duration.ofSeconds(30)))
                        .start()) {
            TestGateway.Tenant tenant = gateway.tenant().limits(LIMITS);
            TestGateway.Key key = tenant.key().limits(LIMITS);
            TestGateway.Key other = gateway.tenant().limits(LIMITS).key().limits(LIMITS);
            ChildProcess.say(
                    System.out,
                    Map.of(
                            "url", gateway.url(),
                            "secret", key.secret(),
                            "database", gateway.settings().databaseUrl(),
                            "redis", redis.url(),
                            "key", other.id().value()));
            ChildProcess.awaitEnd();
        }
    }
}
