package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.bench.QuietLog;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;

/**
 * Whether admissions and settlements cost the same in a database full of keys and audit rows as in an empty one: the same
 * load on both, in turns. Then what it takes to look after the full one.
 *
 * <p>Parameters: {@code rows} (audited requests), {@code tenants}, {@code keys} (of a tenant), {@code rounds},
 * {@code calls} (one after the other, a round), {@code threads} and {@code seconds} (of a round's throughput).
 */
final class GrowingTables {

    /** Tenants, each with one key, that the load is spread over in both databases. */
    private static final int BUSY = 100;

    private final Parameters parameters;
    private final List<LedgerLoad.Figures> empty = new ArrayList<>();
    private final List<LedgerLoad.Figures> full = new ArrayList<>();

    private GrowingTables(Parameters parameters) {
        this.parameters = parameters;
    }

    public static void main(String[] arguments) throws Exception {
        QuietLog.apply();
        System.exit(passes(Parameters.of(arguments)) ? 0 : 1);
    }

    /** True if it could be measured: a figure is no pass or fail. */
    static boolean passes(Parameters parameters) throws Exception {
        try (TestPostgres postgres = TestPostgres.start(true)) {
            BenchDatabase small = BenchDatabase.migratedIn(postgres);
            new AuditHistory(small, BUSY, 1).createKeys();
            small.execute("VACUUM (ANALYZE)");
            BenchDatabase large = fill(postgres, parameters);
            new GrowingTables(parameters).compare(small, large);
            lookAfter(large);
        }
        return true;
    }

    private static BenchDatabase fill(TestPostgres postgres, Parameters parameters) throws Exception {
        BenchDatabase large = BenchDatabase.migratedIn(postgres);
        long rows = parameters.number("rows", 10_000_000);
        long tenants = parameters.number("tenants", 1_000);
        long keys = parameters.number("keys", 100);
        AuditHistory history = new AuditHistory(large, tenants, keys);
        double filled = timed(() -> {
            history.createKeys();
            history.record(rows);
        });
        double vacuumed = timed(() -> large.execute("VACUUM (ANALYZE)"));
        System.out.printf(
                Locale.ROOT,
                "filled with %d tenants, %d keys, %d audited requests, %s accounts: %s; %.0f s, vacuum %.0f s%n",
                tenants,
                tenants * keys,
                rows,
                large.value("SELECT count(*) FROM gateway.budget_account"),
                large.value("SELECT pg_size_pretty(pg_database_size(current_database()))"),
                filled,
                vacuumed);
        return large;
    }

    private void compare(BenchDatabase small, BenchDatabase large) throws Exception {
        List<KeyId> keys = LongStream.range(0, BUSY)
                .mapToObj(AuditHistory::key)
                .map(KeyId::new)
                .toList();
        try (LedgerLoad inSmall = new LedgerLoad(small, keys);
                LedgerLoad inLarge = new LedgerLoad(large, keys)) {
            round(small, inSmall);
            round(large, inLarge);
            for (int round = 1; round <= parameters.count("rounds", 5); round++) {
                print("round " + round + ", empty", empty, round(small, inSmall));
                print("round " + round + ", full ", full, round(large, inLarge));
            }
        }
        System.out.println("\nfull : empty, of the rounds the median (least to most)");
        ratio("admit p50", figures -> figures.admit().median());
        ratio("admit p99", figures -> figures.admit().p99());
        ratio("settle p50", figures -> figures.settle().median());
        ratio("settle p99", figures -> figures.settle().p99());
        ratio("throughput", LedgerLoad.Figures::perSecond);
        ratio("server CPU per request", LedgerLoad.Figures::serverMicros);
        ratio("admit p50, busy", figures -> figures.busyAdmit().median());
        ratio("admit p99, busy", figures -> figures.busyAdmit().p99());
    }

    private LedgerLoad.Figures round(BenchDatabase database, LedgerLoad load) throws Exception {
        // So that no round pays for the pages another one left behind.
        database.execute("CHECKPOINT");
        return load.measure(
                parameters.count("calls", 1_000), parameters.count("threads", 16), parameters.number("seconds", 10));
    }

    private static void print(String name, List<LedgerLoad.Figures> to, LedgerLoad.Figures figures) {
        to.add(figures);
        System.out.printf(
                Locale.ROOT,
                "%s: admit p50 %.2f p99 %.2f ms, settle p50 %.2f p99 %.2f ms; busy: %.0f requests/s, server CPU %.0f µs/request, admit p50 %.2f"
                        + " p99 %.2f ms, %d unanswered%n",
                name,
                figures.admit().median(),
                figures.admit().p99(),
                figures.settle().median(),
                figures.settle().p99(),
                figures.perSecond(),
                figures.serverMicros(),
                figures.busyAdmit().median(),
                figures.busyAdmit().p99(),
                figures.unanswered());
    }

    private void ratio(String name, ToDoubleFunction<LedgerLoad.Figures> of) {
        double[] ratios = new double[full.size()];
        Arrays.setAll(ratios, n -> of.applyAsDouble(full.get(n)) / of.applyAsDouble(empty.get(n)));
        Arrays.sort(ratios);
        System.out.printf(
                Locale.ROOT,
                "%s: %.2f (%.2f to %.2f)%n",
                name,
                ratios[ratios.length / 2],
                ratios[0],
                ratios[ratios.length - 1]);
    }

    /** Both while requests go on, so that it is seen whether they are held up. */
    private static void lookAfter(BenchDatabase database) throws Exception {
        YearMonth second = YearMonth.now(ZoneOffset.UTC).minusMonths(AuditHistory.MONTHS - 1);
        String dropped = "gateway.admission_" + second.minusMonths(1).toString().replace('-', '_');
        System.out.printf(
                "%nlooking after the full database; its oldest month has %s requests%n",
                database.value("SELECT count(*) FROM " + dropped));
        whileRequestsGoOn(
                database, "maintain()", () -> database.execute("SET ROLE gateway_app", "SELECT gateway.maintain()"));
        whileRequestsGoOn(database, "drop_audit_before(" + second + "-01)", () -> {
            try (Connection connection = database.commandLine();
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT gateway.drop_audit_before('" + second + "-01')");
            }
        });
        System.out.printf(
                "the oldest month is %s; %s requests are left, %s%n",
                database.value("SELECT to_regclass('" + dropped + "') IS NULL").equals("true") ? "gone" : "still there",
                database.value("SELECT count(*) FROM gateway.admission"),
                database.value("SELECT pg_size_pretty(pg_database_size(current_database()))"));
    }

    private static void whileRequestsGoOn(BenchDatabase database, String name, Work work) throws Exception {
        try (LedgerLoad load = new LedgerLoad(database, List.of(new KeyId(AuditHistory.key(0))))) {
            load.measure(200, 1, 1);
            CompletableFuture<Double> took = CompletableFuture.supplyAsync(() -> {
                try {
                    return timed(work);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            LedgerLoad.Figures figures = load.measure(0, 4, 3);
            System.out.printf(
                    Locale.ROOT,
                    "%s: %.0f ms; meanwhile 4 callers were admitted within p50 %.2f, max %.1f ms, %d unanswered%n",
                    name,
                    took.join() * 1e3,
                    figures.busyAdmit().median(),
                    figures.busyAdmit().max(),
                    figures.unanswered());
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double timed(Work work) throws Exception {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / 1e9;
    }
}
