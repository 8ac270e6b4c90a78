package ai.neuronetz.gateway.testkit.contract;

import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.InstalledModel;
import ai.neuronetz.gateway.access.ModelCatalog;
import ai.neuronetz.gateway.access.OllamaDiscovery;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.AuthFailures;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.KeyAuthenticator;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.KeyStore;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.LedgerMeter;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.ollama.ModelName;
import ai.neuronetz.gateway.testkit.MockOllama;
import ai.neuronetz.gateway.upstream.Timeouts;
import ai.neuronetz.gateway.upstream.Upstream;
import com.github.tomakehurst.wiremock.client.WireMock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** What the gateway is made of, over real stores. */
class OwnImplementationsTest {

    private final OwnStores stores = OwnStores.shared();

    @Nested
    class KeyAuthenticatorKeeps extends AuthenticatorContract {

        private final ApiKey key = stores.key();
        private final KeyAuthenticator authenticator = KeyAuthenticator.builder()
                .keyStore(stores.postgres.keyStore())
                .authFailures(stores.redis.authFailures(1_000))
                .failuresPerMinute(1_000)
                .pepper(stores.pepper)
                .keyHash(stores.keyHash)
                .build();

        @Override
        protected Authenticator authenticator() {
            return authenticator;
        }

        @Override
        protected ClientRequest recognised() {
            return new ClientRequest(
                    "POST",
                    "/api/chat",
                    Map.of("Authorization", List.of("Bearer " + key.reveal())),
                    InetAddress.getLoopbackAddress());
        }

        @Override
        protected void revoke(Principal principal) {
            stores.revoke(principal.keyId());
        }

        @Override
        protected Runnable hang() {
            return stores.hangPostgres();
        }
    }

    @Nested
    class CatalogAuthorizerKeeps extends AuthorizerContract {

        private final ModelCatalog.Discovery discovery =
                new ModelCatalog.Discovery(List.of(model("qwen3:8b"), model("llama3:latest")), "0.33.0");
        private final Authorizer authorizer = Authorizer.catalog(() -> Optional.of(discovery), 4096);

        @Override
        protected Authorizer authorizer() {
            return authorizer;
        }

        @Override
        protected Principal principal() {
            ModelPolicy llama = new ModelPolicy(false, List.of("llama3:latest"));
            return new Principal("acme", new KeyId("AAAAAAAAAAAA"), llama, Limits.none(), Limits.none(), null, 1);
        }

        @Override
        protected String permitted() {
            return "llama3:latest";
        }

        @Override
        protected String forbidden() {
            return "qwen3:8b";
        }

        private static InstalledModel model(String name) {
            ModelName parsed = ModelName.parse(name).orElseThrow();
            return new InstalledModel(parsed, name, "a".repeat(64), false, "{}", 0);
        }
    }

    @Nested
    class OllamaDiscoveryKeeps extends ModelCatalogContract {

        private final MockOllama ollama =
                MockOllama.builder().models("llama3.2:3b", "qwen3:8b").start();
        private final OllamaDiscovery discovery =
                OllamaDiscovery.start(ollama.uri(), Duration.ofMillis(50), Duration.ofMillis(500), false);

        @AfterEach
        void stop() {
            discovery.close();
            ollama.close();
        }

        @Override
        protected ModelCatalog catalog() {
            return discovery;
        }

        @Override
        protected Runnable hang() {
            ollama.stub(WireMock.any(WireMock.anyUrl())
                    .willReturn(WireMock.aResponse().withFixedDelay(60_000)));
            return () -> {};
        }

        @Override
        protected void loseModelServer() {
            ollama.close();
        }
    }

    @Nested
    class LedgerMeterKeeps extends MeterContract {

        private final LedgerMeter meter = LedgerMeter.builder()
                .gate(stores.redis.rateGate())
                .ledger(stores.postgres.ledger())
                .registry(new SimpleMeterRegistry())
                .build();

        @AfterEach
        void stop() {
            meter.close();
        }

        @Override
        protected Meter meter() {
            return meter;
        }

        @Override
        protected Principal principal(long budget) {
            return stores.principal(budget);
        }

        @Override
        protected Runnable hang() {
            return stores.hangPostgres();
        }
    }

    @Nested
    class HttpUpstreamKeeps extends UpstreamContract {

        private Upstream upstream;

        @AfterEach
        void stop() {
            upstream.close();
        }

        @Override
        protected Upstream upstream(URI ollama) {
            upstream = Upstream.http(ollama, 64, Timeouts.standard());
            return upstream;
        }
    }

    @Nested
    class PostgresAuditLogKeeps extends AuditLogContract {

        @Override
        protected AuditLog auditLog() {
            return stores.postgres.auditLog();
        }

        @Override
        protected Principal principal() {
            return stores.principal(1);
        }

        @Override
        protected long denials(Principal principal) {
            return stores.count("SELECT count(*) FROM gateway.audit_denial WHERE tenant_id = ?", principal.tenantId());
        }

        @Override
        protected long refusals(String source) {
            return stores.count("SELECT sum(refusals) FROM gateway.refusal_log WHERE source = ?", source);
        }

        @Override
        protected Runnable hang() {
            return stores.hangPostgres();
        }
    }

    @Nested
    class PostgresKeyStoreKeeps extends KeyStoreContract {

        @Override
        protected KeyStore keyStore() {
            return stores.postgres.keyStore();
        }

        @Override
        protected KeyId newKey() {
            return stores.key().id();
        }

        @Override
        protected void revoke(KeyId key) {
            stores.revoke(key);
        }

        @Override
        protected Runnable hang() {
            return stores.hangPostgres();
        }
    }

    @Nested
    class PostgresLedgerKeeps extends LedgerContract {

        @Override
        protected Ledger ledger() {
            return stores.postgres.ledger();
        }

        @Override
        protected Principal principal(long budget) {
            return stores.principal(budget);
        }

        @Override
        protected void revoke(Principal principal) {
            stores.revoke(principal.keyId());
        }

        @Override
        protected Runnable hang() {
            return stores.hangPostgres();
        }
    }

    @Nested
    class RedisRateGateKeeps extends RateGateContract {

        @Override
        protected RateGate gate() {
            return stores.redis.rateGate();
        }

        @Override
        protected Runnable hang() {
            return stores.hangRedis();
        }
    }

    @Nested
    class RedisAuthFailuresKeep extends AuthFailuresContract {

        @Override
        protected AuthFailures failures(int perMinute) {
            return stores.redis.authFailures(perMinute);
        }

        @Override
        protected Runnable hang() {
            return stores.hangRedis();
        }
    }
}
