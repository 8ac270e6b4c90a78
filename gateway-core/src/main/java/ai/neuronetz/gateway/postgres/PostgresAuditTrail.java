package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.admin.Administration.AuditRow;
import ai.neuronetz.gateway.admin.AuditFilter;
import ai.neuronetz.gateway.admin.AuditFilter.Kind;
import ai.neuronetz.gateway.admin.AuditTrail;
import ai.neuronetz.gateway.admin.Verification;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;

/** The audit trail over PostgreSQL, which needs no more than to read. Each call is one snapshot of its own connection. */
final class PostgresAuditTrail implements AuditTrail {

    private final Asking asking;

    /** How questions are asked, and what cannot be answered explained. */
    interface Asking {
        <T> T ask(String what, HandleCallback<T, SQLException> question);
    }

    PostgresAuditTrail(Asking asking) {
        this.asking = asking;
    }

    private interface Reading<T> {
        T from(Connection connection) throws SQLException;
    }

    @Override
    public List<AuditRow> newest(AuditFilter filter, int limit) {
        return asking.ask(
                "read the audit log",
                handle -> handle.createQuery(AdministrationRows.AUDIT)
                        .bindByType("tenant", filter.tenantId(), String.class)
                        .bindByType("key", filter.keyId(), String.class)
                        .bindByType("since", PostgresAdministration.offset(filter.since()), OffsetDateTime.class)
                        .bindByType("until", PostgresAdministration.offset(filter.until()), OffsetDateTime.class)
                        .bindByType("outcome", filter.outcome(), String.class)
                        .bind("requests", filter.admits(Kind.REQUEST))
                        .bind("denials", filter.admits(Kind.DENIAL))
                        .bind("refusals", filter.admits(Kind.REFUSALS))
                        .bind("changes", filter.admits(Kind.CHANGE))
                        .bind("seals", filter.kind() == Kind.SEAL && filter.admits(Kind.SEAL))
                        .bind("limit", limit)
                        .map((row, context) -> AdministrationRows.audit(row))
                        .list());
    }

    @Override
    public Optional<Head> head() {
        return snapshot(
                "read the seals",
                connection -> Optional.ofNullable(new SealReader(connection).newest())
                        .map(seal -> new Head(seal.number(), seal.hash(), seal.sealedAt())));
    }

    @Override
    public Verification verify(Check check, Consumer<Progress> progress) {
        return snapshot("verify the audit log", connection -> new SealVerification(check, progress).run(connection));
    }

    @Override
    public long export(AuditFilter filter, Consumer<String> line) {
        return snapshot("export the audit log", connection -> new AuditExport(connection, filter, line).run());
    }

    private <T> T snapshot(String what, Reading<T> reading) {
        return asking.ask(what, (Handle handle) -> {
            Connection connection = handle.getConnection();
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            try (Statement statement = connection.createStatement()) {
                // Before anything is read: what is called below must be the server's own.
                statement.execute("SET LOCAL search_path = pg_catalog, pg_temp");
                statement.execute("SET LOCAL TimeZone = 'UTC'");
                statement.execute("SET LOCAL statement_timeout = 0");
                // Rows come as they are asked for, in the order of an index; sorting would first read them all.
                statement.execute("SET LOCAL enable_sort = off");
                statement.execute("SET LOCAL enable_seqscan = off");
                statement.execute("SET LOCAL jit = off");
                return reading.from(connection);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        });
    }
}
