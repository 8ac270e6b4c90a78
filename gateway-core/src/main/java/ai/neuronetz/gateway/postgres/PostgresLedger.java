package ai.neuronetz.gateway.postgres;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.Settlement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** The ledger in PostgreSQL: what it decides, the functions of the schema decide. */
final class PostgresLedger implements Ledger {

    /** Far above any context window, far below what could overflow a sum. */
    private static final long MOST_TOKENS = 1_000_000_000_000L;

    private final BoundedCalls calls;
    private final Readiness readiness;
    private final Heartbeat heartbeat;
    private final AdmissionLane admissions;
    private final SettlementLane settlements;

    PostgresLedger(
            BoundedCalls calls,
            Readiness readiness,
            Heartbeat heartbeat,
            AdmissionLane admissions,
            SettlementLane settlements) {
        this.calls = calls;
        this.readiness = readiness;
        this.heartbeat = heartbeat;
        this.admissions = admissions;
        this.settlements = settlements;
    }

    @Override
    public Entry admit(Admission admission) {
        requireTokens("inputBound", admission.inputBound());
        requireTokens("outputCap", admission.outputCap());
        readiness.require();
        if (!accepting()) {
            throw new StoreUnavailableException("PostgreSQL was silent too long, or too many settlements wait for it");
        }
        return admissions.admit(admission);
    }

    @Override
    public void voidAdmission(UUID requestId, String tenantId) {
        settlements.voidAdmission(requireNonNull(requestId, "requestId"), requireNonNull(tenantId, "tenantId"));
    }

    @Override
    public void settle(UUID requestId, String tenantId, Settlement settlement) {
        settlements.settle(
                requireNonNull(requestId, "requestId"),
                requireNonNull(tenantId, "tenantId"),
                requireNonNull(settlement, "settlement"));
    }

    @Override
    public Epoch beginEpoch(String tenantId) {
        readiness.require();
        return calls.call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.begin_epoch(?)")) {
                statement.setString(1, tenantId);
                try (ResultSet row = statement.executeQuery()) {
                    String json = row.next() ? row.getString(1) : null;
                    if (json == null) {
                        throw new StoreUnavailableException("there is no such tenant any more");
                    }
                    return LedgerJson.epoch(json);
                }
            }
        });
    }

    @Override
    public List<Fate> resolve(Collection<UUID> requestIds) {
        readiness.require();
        return calls.call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM gateway.resolve(?)")) {
                statement.setArray(1, connection.createArrayOf("uuid", requestIds.toArray()));
                List<Fate> fates = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        fates.add(fate(rows));
                    }
                }
                return fates;
            }
        });
    }

    private static Fate fate(ResultSet row) throws SQLException {
        UUID requestId = row.getObject("rid", UUID.class);
        String verdict = row.getString("verdict");
        return switch (verdict) {
            case "VOID" -> new Fate.NeverAdmitted(requestId);
            case "OPEN" -> new Fate.Open(requestId);
            case "SETTLED" -> new Fate.Settled(requestId, row.getLong("charged"));
            default -> throw new SQLException("unknown verdict of resolve: " + verdict, "XX000");
        };
    }

    @Override
    public boolean accepting() {
        return readiness.ready() && heartbeat.heard() && settlements.hasRoom();
    }

    private static void requireTokens(String name, long tokens) {
        if (tokens < 0 || tokens > MOST_TOKENS) {
            throw new IllegalArgumentException(name + ": " + tokens + " (expected: 0 to " + MOST_TOKENS + ")");
        }
    }
}
