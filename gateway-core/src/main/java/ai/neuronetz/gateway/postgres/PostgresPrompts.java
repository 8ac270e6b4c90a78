package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.prompts.PromptRecord;
import ai.neuronetz.gateway.prompts.PromptStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prompts in their own schema, from which this role can read nothing. Every minute it has those taken away that are over their
 * time.
 *
 * <p>What PostgreSQL says of a failure is not repeated, since it may quote the row: its code is.
 */
final class PostgresPrompts implements PromptStore, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresPrompts.class);

    private static final long EXPIRE_EVERY_MILLIS = 60_000;

    /** As many as one call takes away. */
    private static final int BATCH = 1_000;

    private final Link writing;
    private final Link expiring;
    private final Readiness readiness;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Threads.named("gateway-prompts-expiry"));

    PostgresPrompts(DatabaseSettings settings, Readiness readiness) {
        this.writing = new Link(settings, 1_500, 1_500, 2);
        this.expiring = new Link(settings, 30_000, 1_500, 40);
        this.readiness = readiness;
        Threads.repeat(thread, EXPIRE_EVERY_MILLIS, this::expire);
    }

    @Override
    public boolean store(PromptRecord prompt) {
        readiness.require();
        try {
            return writing.call(connection -> insert(connection, prompt));
        } catch (SQLException e) {
            throw new StoreUnavailableException("PostgreSQL did not take it (" + e.getSQLState() + ")");
        }
    }

    private static boolean insert(Connection connection, PromptRecord prompt) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT gateway.record_prompt(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            statement.setObject(1, prompt.requestId());
            statement.setLong(2, prompt.ageMillis());
            statement.setString(3, prompt.keyId().value());
            statement.setString(4, prompt.endpoint().path());
            statement.setString(5, prompt.model());
            statement.setString(6, prompt.outcome().name());
            statement.setString(7, prompt.prompt());
            statement.setBoolean(8, prompt.promptCut());
            statement.setString(9, prompt.answer());
            statement.setBoolean(10, prompt.answerCut());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** Takes away what is over its time. Does not throw. */
    void expire() {
        if (!readiness.ready()) {
            return;
        }
        try {
            while (expiring.call(PostgresPrompts::expireBatch) == BATCH) {
                // There may be more.
            }
        } catch (SQLException e) {
            LOG.warn("prompts that are over their time were not taken away yet ({})", e.getSQLState());
        } catch (RuntimeException e) {
            LOG.error("taking away prompts that are over their time failed unexpectedly", e);
        }
    }

    private static int expireBatch(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT gateway.expire_prompts()");
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        writing.close();
        expiring.close();
    }
}
