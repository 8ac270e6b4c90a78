package ai.neuronetz.gateway.postgres;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends settlements and voids over a connection of their own. Belongs to one thread, but for {@link #close}. */
final class SettlementStatements implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SettlementStatements.class);

    /** Longer than an admission waits, so that requests end as fast as they begin; others' settlements are held up no longer. */
    private static final int LOCK_MILLIS = 250;

    private final Link link;
    private final Counter late;
    private final Counter lost;

    SettlementStatements(DatabaseSettings settings, MeterRegistry registry) {
        this.link = new Link(settings, 1_500, LOCK_MILLIS, 2);
        this.late = Counter.builder("gateway.ledger.settle.late")
                .description("Settlements of requests that were settled before")
                .register(registry);
        this.lost = Counter.builder("gateway.ledger.settle.rejected")
                .description("Settlements that PostgreSQL can never take")
                .register(registry);
    }

    /**
     * Sends a batch, all of it settlements or all of it voids.
     *
     * @param wait whether to wait for locks
     * @return those that others were in the way of
     */
    List<PendingSettlement> send(List<PendingSettlement> batch, boolean wait) throws SQLException {
        return link.call(connection ->
                batch.get(0).settlement == null ? voidAll(connection, batch) : settleAll(connection, batch, wait));
    }

    /** The one that can never be taken goes to the reaper. */
    void rejected(PendingSettlement settlement, SQLException cause) {
        lost.increment();
        LOG.error("PostgreSQL can never take the settlement of {}", settlement.requestId, cause);
    }

    private List<PendingSettlement> settleAll(Connection connection, List<PendingSettlement> batch, boolean wait)
            throws SQLException {
        ArrayNode items = LedgerJson.array();
        for (PendingSettlement each : batch) {
            if (each.settlement != null) {
                items.add(LedgerJson.settlement(each.requestId, each.settlement));
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.settle(?::jsonb, ?)")) {
            statement.setString(1, LedgerJson.text(items));
            statement.setBoolean(2, wait);
            Map<UUID, String> verdicts = verdicts(statement);
            for (Map.Entry<UUID, String> each : verdicts.entrySet()) {
                if (each.getValue().equals("LATE")) {
                    late.increment();
                } else if (each.getValue().equals("UNKNOWN")) {
                    lost.increment();
                    LOG.error("PostgreSQL does not know the admission of {}", each.getKey());
                }
            }
            return only("BUSY", verdicts, batch);
        }
    }

    private static List<PendingSettlement> voidAll(Connection connection, List<PendingSettlement> batch)
            throws SQLException {
        UUID[] ids = batch.stream().map(each -> each.requestId).toArray(UUID[]::new);
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.void_admissions(?)")) {
            statement.setArray(1, connection.createArrayOf("uuid", ids));
            return only("RETRY", verdicts(statement), batch);
        }
    }

    private static Map<UUID, String> verdicts(PreparedStatement statement) throws SQLException {
        Map<UUID, String> verdicts = new HashMap<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                verdicts.put(rows.getObject("rid", UUID.class), rows.getString("verdict"));
            }
        }
        return verdicts;
    }

    private static List<PendingSettlement> only(
            String verdict, Map<UUID, String> verdicts, List<PendingSettlement> batch) {
        List<PendingSettlement> some = new ArrayList<>();
        for (PendingSettlement each : batch) {
            if (verdict.equals(verdicts.get(each.requestId))) {
                some.add(each);
            }
        }
        return some;
    }

    @Override
    public void close() {
        link.close();
    }
}
