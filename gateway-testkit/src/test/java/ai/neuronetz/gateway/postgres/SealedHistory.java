package ai.neuronetz.gateway.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.UUID;

/** Some seals over rows of every kind, some of which came late: what a gateway leaves behind in a few minutes. */
final class SealedHistory {

    private final LedgerDatabase database;
    private final Random random;

    SealedHistory(LedgerDatabase database, Random random) {
        this.database = database;
        this.random = random;
    }

    void write(int seals) throws SQLException {
        try (Connection connection = database.connect(database.administrator());
                Connection sealing = database.connect(database.app());
                Statement statement = connection.createStatement()) {
            UUID open = null;
            for (int n = 0; n < seals; n++) {
                for (int transaction = 0; transaction < 3; transaction++) {
                    UUID request = LedgerDatabase.requestId();
                    statement.execute(admission(request)
                            + admission(LedgerDatabase.requestId())
                            + denial()
                            + refusal()
                            + change()
                            + settlement(open == null ? LedgerDatabase.requestId() : open));
                    open = request;
                }
                while (AuditSealer.seal(sealing, 0, 10_000, null).behindMillis() > 0) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private String admission(UUID request) {
        return "INSERT INTO gateway.admission VALUES ('" + request + "', 'acme', 'k" + random.nextInt(3) + "', 'i', "
                + random.nextInt(3) + ", 1, '/api/chat', 'm', " + random.nextInt(50) + ", 100, clock_timestamp(),"
                + " clock_timestamp() + interval '1 h');";
    }

    private String settlement(UUID request) {
        return "INSERT INTO gateway.settlement VALUES ('" + request + "', 'acme', 'k', 'COMPLETED', 'REPORTED', "
                + random.nextInt(9) + ", NULL, " + random.nextInt(50) + ", 200, NULL, 7, clock_timestamp());";
    }

    private String denial() {
        return "INSERT INTO gateway.audit_denial VALUES ('" + LedgerDatabase.requestId()
                + "', clock_timestamp(), 'acme', 'k', '/api/chat', "
                + (random.nextBoolean() ? "NULL" : "'m'") + ", 'model_not_permitted');";
    }

    private String refusal() {
        return "INSERT INTO gateway.audit_refusal (minute, source, reason, refusals) VALUES (date_trunc('minute', now()),"
                + " '192.0.2." + random.nextInt(200) + "', 'invalid_api_key', " + (1 + random.nextInt(9)) + ");";
    }

    private String change() {
        return "INSERT INTO gateway.audit_change (what, tenant_id, details) VALUES ('set-models', 'acme',"
                + " '{\"allow_all_models\": " + random.nextBoolean() + "}');";
    }
}
