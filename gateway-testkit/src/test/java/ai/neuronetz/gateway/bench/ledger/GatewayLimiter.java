package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.LedgerMeter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.PostgresStores;
import ai.neuronetz.gateway.redis.RedisSettings;
import ai.neuronetz.gateway.redis.RedisStores;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;

/** The gateway's meter; each reservation is settled at once, and charged in full. */
final class GatewayLimiter implements Limiter {

    private final PostgresStores postgres;
    private final RedisStores redis;
    private final LedgerMeter meter;
    private final List<Principal> principals;
    private final Grant grant;
    private final Settlement settlement;

    GatewayLimiter(String databaseUrl, String redisUrl, List<KeyId> keys, long tokens) {
        MeterRegistry registry = new SimpleMeterRegistry();
        this.postgres = PostgresStores.open(DatabaseSettings.parse(databaseUrl), registry);
        this.redis = RedisStores.open(RedisSettings.parse(redisUrl), registry);
        this.meter = LedgerMeter.builder()
                .gate(redis.rateGate())
                .ledger(postgres.ledger())
                .registry(registry)
                .maxConcurrentUpstream(10_000)
                .build();
        this.principals =
                keys.stream().map(key -> Requests.principal(postgres, key)).toList();
        this.grant = Requests.grant(tokens);
        this.settlement = Requests.settlement(tokens);
    }

    @Override
    public String decide(int caller) {
        Metering metering = meter.reserve(Requests.id(), principals.get(caller % principals.size()), grant);
        if (metering instanceof Metering.Reserved reserved) {
            reserved.reservation().settle(settlement);
            return ADMITTED;
        }
        if (metering instanceof Metering.Refused refused) {
            Reason reason = refused.denial().reason();
            return reason.status() == 503 ? UNANSWERED : reason.code();
        }
        return "outdated";
    }

    @Override
    public void close() {
        meter.close();
        postgres.close();
        redis.close();
    }
}
