package ai.neuronetz.gateway.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Spends what is left of a budget, down to less than the smallest request: a limit that holds because it denies too early
 * would be no achievement.
 */
final class Fill {

    private static final int MOST_TOKENS = 4_000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Fill() {}

    /** Returns the part that is spent in the end; what was answered is added to {@code replies}. */
    static double run(Stage stage, Scenario.Tenant tenant, Queue<Reply> replies)
            throws SQLException, InterruptedException {
        stage.ollama().pace(Duration.ZERO).replyTokens(MOST_TOKENS);
        long limit = tenant.limits().totalBudget();
        String secret = tenant.callers().get(tenant.callers().size() - 1).secret();
        long begin = System.nanoTime();
        int status = 0;
        try (Connection connection = stage.database().connect()) {
            for (int turn = 0; status != 402 && System.nanoTime() - begin < LIMIT.toNanos(); turn++) {
                long room = limit - used(connection, tenant);
                long tokens = Math.max(1, Math.min(MOST_TOKENS, room - Scenario.SMALLEST_RESERVATION + 1));
                Ask ask = new Ask(turn % stage.gateways(), 0, false, false, 1, (int) tokens, Ask.STAYS, 0);
                Reply reply = ChaosClient.send(List.of(stage.url(ask.gateway())), tenant.label(), secret, ask);
                replies.add(reply);
                status = reply.status();
                awaitSettled(stage);
            }
            return (double) used(connection, tenant) / limit;
        }
    }

    private static void awaitSettled(Stage stage) throws InterruptedException {
        long begin = System.nanoTime();
        List<UUID> open = Quiet.open(stage.database());
        while ((open == null || !open.isEmpty()) && System.nanoTime() - begin < LIMIT.toNanos()) {
            TimeUnit.MILLISECONDS.sleep(5);
            open = Quiet.open(stage.database());
        }
    }

    private static long used(Connection connection, Scenario.Tenant tenant) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT reserved + spent + overrun"
                + " FROM gateway.budget_account WHERE account = ? AND period = 'total'")) {
            statement.setString(1, "t:" + tenant.id());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }
}
