package ai.neuronetz.gateway.bench.ledger;

import static java.util.stream.Collectors.joining;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.bench.QuietLog;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Three gateway processes together ask a million times for tokens of one budget, which has room for a fifth of it: exactly as
 * many must be admitted as fit. Then the same with the usual limiter, which lets more through; were it not so, the first
 * figure would mean little.
 *
 * <p>Parameters: {@code attempts}, {@code limit}, {@code tokens} (of a request), {@code threads} (of a replica),
 * {@code control-attempts}.
 */
final class MillionAdmissions {

    private static final int REPLICAS = 3;
    private static final String TENANT = "acme";

    private final long limit;
    private final long tokens;
    private final int threads;
    private final BenchDatabase database;

    private MillionAdmissions(Parameters parameters, BenchDatabase database) {
        this.limit = parameters.number("limit", 1_400_006);
        this.tokens = parameters.number("tokens", 7);
        this.threads = parameters.count("threads", 8);
        this.database = database;
    }

    public static void main(String[] arguments) throws Exception {
        QuietLog.apply();
        System.exit(passes(Parameters.of(arguments)) ? 0 : 1);
    }

    static boolean passes(Parameters parameters) throws Exception {
        long attempts = parameters.number("attempts", 1_000_000);
        try (TestPostgres postgres = TestPostgres.start(true);
                TestRedis redis = TestRedis.start()) {
            MillionAdmissions benchmark = new MillionAdmissions(parameters, BenchDatabase.migratedIn(postgres));
            boolean exact = benchmark.gatewayIsExact(redis, attempts);
            return benchmark.usualLimiterOverspends(parameters.number("control-attempts", attempts / 10)) && exact;
        }
    }

    private boolean gatewayIsExact(TestRedis redis, long attempts) throws Exception {
        List<KeyId> keys = new ArrayList<>();
        try (Administration administration = database.administration()) {
            administration.createTenant(TENANT, TENANT);
            administration.setTenantLimits(TENANT, new Limits(null, null, null, null, null, limit), null);
            for (int n = 0; n < 4; n++) {
                keys.add(Requests.key(administration, TENANT));
            }
        }
        Map<String, Long> total = run(
                "gateway",
                attempts,
                limit,
                "limiter=gateway",
                "database=" + database.appUrl(),
                "redis=" + redis.url(),
                "keys=" + keys.stream().map(KeyId::value).collect(joining(",")));
        long fits = limit / tokens;
        long admitted = total.getOrDefault(Limiter.ADMITTED, 0L);
        long refused = total.getOrDefault(Limiter.OVER_BUDGET, 0L);
        long spent = database.number(
                "SELECT spent FROM gateway.budget_account WHERE account = 't:" + TENANT + "' AND period = 'total'");
        long elsewhere = database.number("SELECT reserved + overrun FROM gateway.budget_account WHERE account = 't:"
                + TENANT + "' AND period = 'total'");
        long settled = database.number("SELECT count(*) FROM gateway.audit_log WHERE charged = " + tokens);
        boolean exact = admitted == fits
                && refused == attempts - fits
                && spent == fits * tokens
                && elsewhere == 0
                && settled == fits;
        System.out.printf(
                "%s: expected %d, admitted %d; ledger: spent %d of %d, reserved or overrun %d, audit rows charged %d%n",
                exact ? "EXACT" : "NOT EXACT", fits, admitted, spent, limit, elsewhere, settled);
        return exact;
    }

    private boolean usualLimiterOverspends(long attempts) throws Exception {
        CheckThenCharge.createTable(database);
        // So that the limit is met in the middle of the run, as above.
        long smaller = Math.max(tokens, Math.min(limit, attempts / 5 * tokens));
        Map<String, Long> total = run(
                "usual limiter",
                attempts,
                smaller,
                "limiter=usual",
                "jdbc=" + database.database().jdbcUrl());
        long spent = database.number("SELECT spent FROM public.usual_limiter");
        boolean overspent = spent > smaller;
        System.out.printf(
                "%s: expected %d, admitted %d; spent %d of %d, %d too many%n",
                overspent ? "OVERSPENT, as it must to show anything" : "THE CONTROL SHOWS NOTHING",
                smaller / tokens,
                total.getOrDefault(Limiter.ADMITTED, 0L),
                spent,
                smaller,
                spent - smaller);
        return overspent;
    }

    private Map<String, Long> run(String name, long attempts, long budget, String... more) throws Exception {
        System.out.printf(
                "%n%s: %d attempts of %d tokens, limit %d, %d replicas with %d threads%n",
                name, attempts, tokens, budget, REPLICAS, threads);
        List<ChildProcess> replicas = new ArrayList<>();
        Map<String, Long> total = new TreeMap<>();
        double seconds = 0;
        try {
            for (int n = 0; n < REPLICAS; n++) {
                long share = attempts / REPLICAS + (n < attempts % REPLICAS ? 1 : 0);
                String[] arguments = Stream.concat(
                                Stream.of(
                                        "attempts=" + share,
                                        "tokens=" + tokens,
                                        "limit=" + budget,
                                        "threads=" + threads),
                                Stream.of(more))
                        .toArray(String[]::new);
                replicas.add(ChildProcess.start(MillionAdmissionsReplica.class, arguments));
            }
            for (ChildProcess replica : replicas) {
                replica.hear();
            }
            for (ChildProcess replica : replicas) {
                replica.tellToBegin();
            }
            for (int n = 0; n < REPLICAS; n++) {
                Map<String, String> heard = replicas.get(n).hear();
                System.out.println("replica " + (n + 1) + ": " + heard);
                seconds = Math.max(seconds, Double.parseDouble(heard.remove("seconds")));
                heard.forEach((outcome, count) -> total.merge(outcome, Long.valueOf(count), Long::sum));
            }
            for (ChildProcess replica : replicas) {
                replica.hear();
            }
        } finally {
            for (ChildProcess replica : replicas) {
                replica.close();
            }
        }
        System.out.printf(Locale.ROOT, "all: %s in %.1f s, %.0f decisions/s%n", total, seconds, attempts / seconds);
        return total;
    }
}
