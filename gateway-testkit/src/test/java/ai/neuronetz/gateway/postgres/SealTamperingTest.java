package ai.neuronetz.gateway.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.AuditTrail.Check;
import ai.neuronetz.gateway.admin.AuditTrail.Head;
import ai.neuronetz.gateway.admin.Verification;
import ai.neuronetz.gateway.admin.Verification.Finding;
import ai.neuronetz.gateway.admin.Verification.Kind;
import ai.neuronetz.gateway.postgres.Tamperer.Tampering;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Random edits, deletions, insertions and exchanges as superuser: {@code -Daudit.tamperings=1000} for more of them. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SealTamperingTest {

    private static final int TAMPERINGS = Integer.getInteger("audit.tamperings", 200);
    private static final int SEALS = 20;

    @Test
    void every_tampering_is_found_and_its_place_named() throws SQLException {
        long seed = Long.getLong("audit.seed", new Random().nextLong());
        Random random = new Random(seed);
        LedgerDatabase database = LedgerDatabase.migrated();
        new SealedHistory(database, random).write(SEALS);
        Map<String, Integer> tried = new TreeMap<>();
        try (Connection connection = database.connect(database.administrator());
                Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            statement.execute("ALTER TABLE gateway.audit_change ALTER change_id DROP IDENTITY");
            connection.setAutoCommit(false);
            Verification before = new SealVerification(Check.everything(), progress -> {}).run(connection);
            assertThat(before.findings()).as("seed " + seed).isEmpty();
            assertThat(before.seals()).isEqualTo(SEALS);
            Tamperer tamperer = new Tamperer(connection, random);
            for (int n = 0; n < TAMPERINGS; ) {
                Tampering done = attempt(tamperer);
                if (done != null) {
                    assertFound(done, before.head(), connection, seed);
                    tried.merge(done.what().replaceAll(" .*", "") + " " + done.source(), 1, Integer::sum);
                    n++;
                }
                connection.rollback();
            }
            assertThat(new SealVerification(Check.everything(), progress -> {})
                            .run(connection)
                            .intact())
                    .isTrue();
        }
        System.out.println(TAMPERINGS + " of " + TAMPERINGS + " found, seed " + seed + ": " + tried);
    }

    private static Tampering attempt(Tamperer tamperer) throws SQLException {
        try {
            return tamperer.tamper();
        } catch (SQLException e) {
            // A constraint that holds for superusers too.
            assertThat(e.getSQLState()).startsWith("23");
            return null;
        }
    }

    private static void assertFound(Tampering done, Head head, Connection connection, long seed) throws SQLException {
        Verification found = new SealVerification(Check.everything().expecting(head), progress -> {}).run(connection);
        assertThat(found.findings())
                .as("%s of seal %s (seed %s)", done.what(), done.seal(), seed)
                .anyMatch(finding -> names(finding, done));
    }

    /** A seal that is gone or changed also shows in the one that follows it, or as the end that was cut off. */
    private static boolean names(Finding finding, Tampering done) {
        if (!done.source().equals("seal")) {
            return done.source().equals(finding.source())
                    && (done.seal() == null || done.seal().equals(finding.seal()));
        }
        Long seal = done.seal();
        return finding.kind() == Kind.HEAD_DIFFERS
                || seal.equals(finding.seal())
                || Long.valueOf(seal + 1).equals(finding.seal())
                || Long.valueOf(seal + 1_000).equals(finding.seal());
    }
}
