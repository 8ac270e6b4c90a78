package ai.neuronetz.gateway.bench.ledger;

import java.sql.SQLException;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Tenants with keys, and what they would have left behind in the last months; written by the server itself. */
final class AuditHistory {

    /** Whole months before this one. */
    static final int MONTHS = 3;

    private final BenchDatabase database;
    private final long tenants;
    private final long keysOfTenant;

    AuditHistory(BenchDatabase database, long tenants, long keysOfTenant) {
        this.database = database;
        this.tenants = tenants;
        this.keysOfTenant = keysOfTenant;
    }

    static String tenant(long number) {
        return "tenant-" + number;
    }

    static String key(long number) {
        return String.format("k%011d", number);
    }

    /** Tenant n has the keys n, n + tenants, n + 2 tenants and so on; all have budgets, none of which is ever met. */
    void createKeys() throws SQLException {
        database.execute(
                "INSERT INTO gateway.tenant (tenant_id, display_name, allow_all_models, month_budget, total_budget, revision)"
                        + " SELECT 'tenant-' || n, 'bench', true, 1e15, 1e15, nextval('gateway.revision')"
                        + " FROM generate_series(0, " + (tenants - 1) + ") n",
                "INSERT INTO gateway.tenant_gate (tenant_id) SELECT tenant_id FROM gateway.tenant",
                "INSERT INTO gateway.api_key (key_id, tenant_id, name, lookup_code, phc, day_budget, revision)"
                        + " SELECT 'k' || lpad(n::text, 11, '0'), 'tenant-' || n % " + tenants + ", 'bench',"
                        + " sha256(n::text::bytea), '$argon2id$bench', 1e15, nextval('gateway.revision')"
                        + " FROM generate_series(0, " + (tenants * keysOfTenant - 1) + ") n");
    }

    /** As many requests as that, each with fate, admission and settlement, spread evenly until now. */
    void record(long requests) throws Exception {
        YearMonth now = YearMonth.now(ZoneOffset.UTC);
        for (int ago = MONTHS; ago > 0; ago--) {
            createPartitions(now.minusMonths(ago));
        }
        List<String> admissions = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (int ago = MONTHS; ago >= 0; ago--) {
            YearMonth month = now.minusMonths(ago);
            long share = requests / (MONTHS + 1);
            admissions.add("INSERT INTO gateway.admission SELECT rid, tenant, key, 'bench', 0, 1, '/api/chat',"
                    + " 'llama3.2:3b', 100, 400, made, made + interval '6 hours' FROM " + made(month, share));
            others.add("INSERT INTO gateway.request_fate SELECT rid, 'admitted' FROM " + made(month, share));
            others.add("INSERT INTO gateway.settlement SELECT rid, tenant, key, 'COMPLETED', 'REPORTED', 80, 300, 380,"
                    + " 200, 150, 4000, made + interval '4 s' FROM " + made(month, share));
        }
        List<String> accounts = List.of(accounts("t:", "tenant_id", "tenant"), accounts("k:", "key_id", "api_key"));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<?> one = threads.submit(() -> write(admissions));
            Future<?> two = threads.submit(() -> write(others));
            one.get();
            two.get();
            write(accounts);
            // The transactions above are huge, and would be sealed while something is measured.
            write(Collections.nCopies(2 * (admissions.size() + others.size()), "SELECT gateway.seal(0, 10000)"));
        } finally {
            threads.shutdownNow();
        }
    }

    private Void write(List<String> statements) throws SQLException {
        for (String statement : statements) {
            database.execute("SET synchronous_commit = off", statement);
        }
        return null;
    }

    /** The same ids for the same month, whichever table asks. */
    private String made(YearMonth month, long requests) {
        String begin = "timestamptz '" + month + "-01T00:00:00Z'";
        String end = "least(timestamptz '" + month.plusMonths(1) + "-01T00:00:00Z', now())";
        return "(SELECT overlay(overlay(left(gateway.uuid_floor(at)::text, 14) || substr(id::text, 15)"
                + " PLACING '7' FROM 15) PLACING '8' FROM 20)::uuid AS rid, at AS made,"
                + " 'tenant-' || k % " + tenants + " AS tenant, 'k' || lpad(k::text, 11, '0') AS key"
                + " FROM (SELECT md5('" + month + "' || n)::uuid AS id, " + begin + " + n * ((" + end + " - " + begin
                + ") / " + requests + ") AS at, (n * 7919) % " + (tenants * keysOfTenant)
                + " AS k FROM generate_series(0::bigint, " + (requests - 1) + ") n) r) made";
    }

    /** Of ten days, of the months and of all time. */
    private static String accounts(String prefix, String id, String table) {
        return "INSERT INTO gateway.budget_account (account, period, period_start, spent, cap)"
                + " SELECT '" + prefix + "' || " + id + ", period, period_start, 1000, 1e15 FROM gateway." + table
                + ", (SELECT 'day' AS period, current_date - n AS period_start FROM generate_series(0, 9) n"
                + " UNION ALL SELECT 'month', (date_trunc('month', now()) - n * interval '1 month')::date"
                + " FROM generate_series(0, " + MONTHS + ") n UNION ALL SELECT 'total', DATE '1970-01-01') p"
                + " ORDER BY 1, 2, 3";
    }

    /** As gateway.ensure_partitions makes them, which does so only for months to come. */
    private void createPartitions(YearMonth month) throws SQLException {
        for (String table : List.of("request_fate", "admission", "settlement", "audit_denial")) {
            String part = "gateway." + table + "_" + month.toString().replace('-', '_');
            database.execute(
                    "SET ROLE gateway_owner",
                    "CREATE TABLE " + part + " (LIKE gateway." + table + " INCLUDING ALL)",
                    "CREATE TRIGGER never_truncated BEFORE TRUNCATE ON " + part
                            + " EXECUTE FUNCTION gateway.append_only()",
                    "ALTER TABLE gateway." + table + " ATTACH PARTITION " + part
                            + " FOR VALUES FROM (gateway.uuid_floor('"
                            + month + "-01T00:00:00Z')) TO (gateway.uuid_floor('" + month.plusMonths(1)
                            + "-01T00:00:00Z'))");
        }
    }
}
