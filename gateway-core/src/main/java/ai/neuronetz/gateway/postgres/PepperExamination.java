package ai.neuronetz.gateway.postgres;

import static ai.neuronetz.gateway.admin.Diagnosis.failure;
import static ai.neuronetz.gateway.admin.Diagnosis.ok;
import static ai.neuronetz.gateway.admin.Diagnosis.skipped;
import static ai.neuronetz.gateway.admin.Diagnosis.warning;

import ai.neuronetz.gateway.admin.Diagnosis;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.Driver;

/** Whether a pepper is the one under which the keys of a database were made. With another, every key is refused. */
public final class PepperExamination {

    private static final String SUBJECT = "pepper";
    private static final int ANSWER_SECONDS = 3;
    private static final String MEND =
            "give gateways and commands the pepper that the keys were made with; if it is lost, make every key"
                    + " anew: java -jar gateway-jetty-app.jar create-key";

    private record Used(String fingerprint, Instant lastAt, boolean olderKeys) {}

    private PepperExamination() {}

    /**
     * Asks the database; waits three seconds at most.
     *
     * @param fingerprint of the pepper, see {@link ai.neuronetz.gateway.identity.Pepper#fingerprint}
     */
    public static Diagnosis of(DatabaseSettings settings, String fingerprint) {
        try (Connection connection = new Driver().connect(settings.jdbcUrl(), settings.properties(ANSWER_SECONDS))) {
            if (connection == null) {
                throw new SQLException("no PostgreSQL URL", "08001");
            }
            return diagnosis(used(connection), fingerprint);
        } catch (SQLException e) {
            return skipped(SUBJECT, "is one; PostgreSQL did not say whether it is that of the keys");
        }
    }

    private static List<Used> used(Connection connection) throws SQLException {
        List<Used> used = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT fingerprint, last_used_at, older_keys FROM gateway.peppers()")) {
            while (row.next()) {
                Instant lastAt = row.getObject(2, OffsetDateTime.class).toInstant();
                used.add(new Used(row.getString(1), lastAt, row.getBoolean(3)));
            }
        }
        return used;
    }

    private static Diagnosis diagnosis(List<Used> used, String fingerprint) {
        if (used.isEmpty()) {
            return ok(SUBJECT, "is one; no key was made since the database notes which pepper it was made with");
        }
        Used newest = used.get(0);
        if (newest.fingerprint().equals(fingerprint)) {
            return used.size() == 1
                    ? ok(SUBJECT, "is that of the keys")
                    : warning(
                            SUBJECT,
                            "is that of the newest keys; " + (used.size() - 1)
                                    + " other was used before, and keys made with it are refused",
                            MEND + "; then: psql -c \"DELETE FROM gateway.pepper WHERE fingerprint <> '" + fingerprint
                                    + "'\"");
        }
        if (used.stream().anyMatch(one -> one.fingerprint().equals(fingerprint))) {
            return warning(
                    SUBJECT,
                    "is not that of the newest keys, which were made with another at " + newest.lastAt()
                            + " and are refused",
                    MEND);
        }
        return newest.olderKeys()
                ? warning(
                        SUBJECT,
                        "is not that of the newest keys, made at " + newest.lastAt()
                                + ", which are refused; it may be that of older ones",
                        MEND)
                : failure(SUBJECT, "is not that of the keys: every key is refused", MEND);
    }
}
