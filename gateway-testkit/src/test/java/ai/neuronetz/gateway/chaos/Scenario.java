package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.identity.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tenants that each run into another limit. */
record Scenario(List<Tenant> tenants) {

    /** The least a request can reserve: what the gateway adds to each, one message, one byte and one token. */
    static final long SMALLEST_RESERVATION = 256 + 64 + 1 + 1;

    /** @param clients how many ask at the same time */
    record Tenant(String label, String id, Limits limits, List<Caller> callers, int clients, Manner manner) {}

    /** A key. */
    record Caller(String id, String secret, Limits limits) {}

    /** Whoever has limits of its own: a tenant, or a key. */
    record Party(String name, String account, Limits limits) {}

    /**
     * Sets the tenants up.
     *
     * @param seconds how long the clients will ask, about: limits are set so that they bind for a good part of it
     */
    static Scenario prepare(Stage stage, int seconds) {
        long budget = Math.max(1_250 * SMALLEST_RESERVATION, 6_000L * seconds);
        long perMinute = 3_000L * Math.max(20, Math.min(seconds, 60));
        return new Scenario(List.of(
                tenant(stage, "budget", total(budget), total(budget / 2), 4, new Manner(200, 24_000, 150, 1, 200)),
                tenant(stage, "tokens", tokens(perMinute), tokens(perMinute / 2), 5, new Manner(50, 3_000, 30, 1, 100)),
                tenant(stage, "places", places(6), places(4), 10, new Manner(50, 400, 800, 3, 80)),
                tenant(stage, "requests", requests(300), requests(200), 3, new Manner(10, 200, 10, 1, 100)),
                tenant(stage, "free", Limits.none(), Limits.none(), 3, new Manner(10, 1_000, 80, 1, 100))));
    }

    /** Tenants and keys under the names of their budget accounts. */
    Map<String, Party> parties() {
        return tenants.stream()
                .flatMap(tenant -> Stream.concat(
                        Stream.of(new Party("tenant " + tenant.label(), "t:" + tenant.id(), tenant.limits())),
                        tenant.callers().stream()
                                .map(caller -> new Party(
                                        "key " + caller.id() + " of " + tenant.label(),
                                        "k:" + caller.id(),
                                        caller.limits()))))
                .collect(Collectors.toMap(Party::account, party -> party));
    }

    /** The tenant of a label. */
    Tenant tenant(String label) {
        return tenants.stream()
                .filter(tenant -> tenant.label().equals(label))
                .findFirst()
                .orElseThrow();
    }

    private static Tenant tenant(
            Stage stage, String label, Limits limits, Limits firstKey, int clients, Manner manner) {
        String id = stage.tenant();
        stage.administration().setTenantLimits(id, limits, null);
        List<Caller> callers = new ArrayList<>();
        for (Limits own : List.of(firstKey, Limits.none())) {
            Stage.Key key = stage.key(id);
            stage.administration().setKeyLimits(key.id(), own, null);
            callers.add(new Caller(key.id().value(), key.secret(), own));
        }
        return new Tenant(label, id, limits, List.copyOf(callers), clients, manner);
    }

    private static Limits total(long tokens) {
        return limits(null, null, null, tokens);
    }

    private static Limits tokens(long perMinute) {
        return limits(null, perMinute, null, null);
    }

    private static Limits places(long open) {
        return limits(null, null, open, null);
    }

    private static Limits requests(long perMinute) {
        return limits(perMinute, null, null, null);
    }

    private static Limits limits(
            @Nullable Long requests, @Nullable Long tokens, @Nullable Long concurrency, @Nullable Long total) {
        return new Limits(requests, tokens, concurrency, null, null, total);
    }
}
