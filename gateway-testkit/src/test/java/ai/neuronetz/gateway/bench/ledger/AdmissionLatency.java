package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.bench.QuietLog;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.LedgerMeter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.PostgresStores;
import ai.neuronetz.gateway.redis.RedisSettings;
import ai.neuronetz.gateway.redis.RedisStores;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What the gateway adds to the time to the first byte: a small chat, not streamed, through it and straight to the mock, in
 * turns; and the share of the meter, alone over the same stores.
 *
 * <p>Parameters: {@code rate} (requests a second), {@code seconds} (of each way), {@code slices} (turns these are cut into),
 * {@code warm-up} (seconds).
 */
final class AdmissionLatency {

    /** A call that takes longer than 160 ms at 200 a second makes others wait, and these count from their planned start. */
    private static final int CALLERS = 32;

    private static final String CHAT = "{\"model\":\"" + Requests.MODEL
            + "\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private AdmissionLatency() {}

    public static void main(String[] arguments) throws Exception {
        QuietLog.apply();
        System.exit(passes(Parameters.of(arguments)) ? 0 : 1);
    }

    /** True if it could be measured: a figure is no pass or fail. */
    static boolean passes(Parameters parameters) throws Exception {
        try (ChildProcess mock = ChildProcess.start(MockProcess.class)) {
            String ollama = mock.hear().get("url");
            try (ChildProcess gateway = ChildProcess.start(GatewayProcess.class, "ollama=" + ollama)) {
                Map<String, String> heard = gateway.hear();
                try (MeterCalls meter = new MeterCalls(heard)) {
                    measure(parameters, URI.create(ollama), heard, meter);
                }
            }
        }
        return true;
    }

    private static void measure(Parameters parameters, URI ollama, Map<String, String> gateway, MeterCalls meter)
            throws Exception {
        int rate = parameters.count("rate", 200);
        int slices = parameters.count("slices", 3);
        long slice = parameters.number("seconds", 30) / slices;
        Map<String, Supplier<OpenLoop.Caller>> ways = new LinkedHashMap<>();
        ways.put("mock", connections(ollama, ""));
        ways.put(
                "gateway",
                connections(URI.create(gateway.get("url")), "Authorization: Bearer " + gateway.get("secret") + "\r\n"));
        ways.put("meter", () -> meter::reserve);
        for (Supplier<OpenLoop.Caller> way : ways.values()) {
            OpenLoop.run(CALLERS, way, rate, parameters.number("warm-up", 10));
        }
        Map<String, Latencies> measured = new LinkedHashMap<>();
        for (int turn = 0; turn < slices; turn++) {
            for (Map.Entry<String, Supplier<OpenLoop.Caller>> way : ways.entrySet()) {
                Latencies latencies = OpenLoop.run(CALLERS, way.getValue(), rate, slice);
                print("turn " + (turn + 1) + ", " + way.getKey(), latencies);
                measured.computeIfAbsent(way.getKey(), name -> new Latencies()).addAll(latencies);
            }
        }
        System.out.println();
        measured.forEach(AdmissionLatency::print);
        Latencies floor = measured.get("mock");
        Latencies through = measured.get("gateway");
        System.out.printf(
                Locale.ROOT,
                "added by the gateway: p50 %.2f ms, p99 %.2f ms, at %d requests/s (aim: 2 and 10 ms)%n",
                through.median() - floor.median(),
                through.p99() - floor.p99(),
                rate);
    }

    private static void print(String name, Latencies latencies) {
        System.out.printf(
                Locale.ROOT,
                "%s: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms, %d calls, %d refused%n",
                name,
                latencies.median(),
                latencies.percentile(90),
                latencies.p99(),
                latencies.max(),
                latencies.count(),
                latencies.refused());
    }

    private static Supplier<OpenLoop.Caller> connections(URI base, String headers) {
        return () -> new KeepAliveConnection(base.resolve("/api/chat"), headers, CHAT);
    }

    /** The meter alone, over the gateway's stores and with a tenant of its own. */
    private static final class MeterCalls implements AutoCloseable {

        private static final long TOKENS = 1_000;

        private final PostgresStores postgres;
        private final RedisStores redis;
        private final LedgerMeter meter;
        private final Principal principal;

        MeterCalls(Map<String, String> gateway) {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            this.postgres = PostgresStores.open(DatabaseSettings.parse(gateway.get("database")), registry);
            this.redis = RedisStores.open(RedisSettings.parse(gateway.get("redis")), registry);
            this.meter = LedgerMeter.builder()
                    .gate(redis.rateGate())
                    .ledger(postgres.ledger())
                    .registry(registry)
                    .build();
            this.principal = Requests.principal(postgres, new KeyId(gateway.get("key")));
        }

        OptionalLong reserve() {
            Metering metering = meter.reserve(Requests.id(), principal, Requests.grant(TOKENS));
            long reserved = System.nanoTime();
            if (!(metering instanceof Metering.Reserved admitted)) {
                return OptionalLong.empty();
            }
            admitted.reservation().settle(Requests.settlement(20));
            return OptionalLong.of(reserved);
        }

        @Override
        public void close() {
            meter.close();
            postgres.close();
            redis.close();
        }
    }
}
