package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of requests when nothing happens any more.
 *
 * @param settledMillis until the last one was settled, or -1
 * @param gateMillis until the gate had nothing open, or -1
 */
record Quiet(long settledMillis, long gateMillis, List<Violation> violations) {

    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(30);
    private static final Duration GATE_WITHIN = Duration.ofSeconds(40);
    private static final long LOOK_EVERY_MILLIS = 200;

    private static final String OPEN = """
            SELECT a.request_id FROM gateway.admission a
             WHERE NOT EXISTS (SELECT 1 FROM gateway.settlement s WHERE s.request_id = a.request_id)
            UNION SELECT request_id FROM gateway.open_reservation""";

    static Quiet await(Stage stage, Scenario scenario) throws InterruptedException {
        long begin = System.nanoTime();
        List<Violation> violations = new ArrayList<>();
        List<UUID> open = open(stage.database());
        while (open == null || !open.isEmpty()) {
            if (past(begin, SETTLED_WITHIN)) {
                violations.add(Violation.of(
                        "I2",
                        "not settled " + SETTLED_WITHIN.toSeconds() + " s after the last fault",
                        open == null ? List.of() : open));
                break;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
            open = open(stage.database());
        }
        long settled = violations.isEmpty() ? millis(begin) : -1;

        Map<String, Gate> gates = Gate.all(stage, scenario.tenants());
        while (!gates.values().stream().allMatch(Gate::quiet)) {
            if (past(begin, GATE_WITHIN)) {
                gates.forEach((tenant, gate) -> {
                    if (!gate.quiet()) {
                        violations.add(new Violation(
                                "I3",
                                "the gate still holds of tenant " + tenant + " " + GATE_WITHIN.toSeconds()
                                        + " s after the last fault: " + gate));
                    }
                });
                return new Quiet(settled, -1, violations);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
            gates = Gate.all(stage, scenario.tenants());
        }
        return new Quiet(settled, millis(begin), violations);
    }

    /** Null if PostgreSQL does not answer. */
    static @Nullable List<UUID> open(TestDatabase database) {
        List<UUID> open = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(OPEN)) {
            while (row.next()) {
                open.add(row.getObject(1, UUID.class));
            }
            return open;
        } catch (SQLException e) {
            return null;
        }
    }

    private static boolean past(long begin, Duration limit) {
        return System.nanoTime() - begin > limit.toNanos();
    }

    private static long millis(long begin) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    }
}
