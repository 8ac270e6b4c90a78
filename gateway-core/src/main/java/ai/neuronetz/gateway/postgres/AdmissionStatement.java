package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.metering.Ledger.Budget;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Admits a batch in one commit and answers its tickets. Thread-safe; a {@link Link} is one thread's. */
final class AdmissionStatement {

    private final Supplier<String> instance;
    private final long deadlineMillis;
    private final Timer commits;
    private final DistributionSummary batches;

    /** @param deadlineMillis when the reaper charges a request that nobody settled, though its instance lives */
    AdmissionStatement(Supplier<String> instance, long deadlineMillis, MeterRegistry registry) {
        this.instance = instance;
        this.deadlineMillis = deadlineMillis;
        this.commits = Timer.builder("gateway.ledger.admit")
                .description("One commit of admissions")
                .register(registry);
        this.batches = DistributionSummary.builder("gateway.ledger.admit.batch.size")
                .description("Admissions that shared a commit")
                .register(registry);
    }

    /**
     * Sends a batch; an error is its tickets' answer.
     *
     * @param wait whether to wait for locks; if not, those whose tenant is locked elsewhere are returned unanswered
     */
    List<AdmissionTicket> send(Link link, List<AdmissionTicket> batch, boolean wait) {
        Map<UUID, Verdict> verdicts;
        try {
            batches.record(batch.size());
            long begin = System.nanoTime();
            verdicts = link.call(connection -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("SELECT * FROM gateway.admit(?::jsonb, ?)")) {
                    statement.setString(1, items(batch));
                    statement.setBoolean(2, wait);
                    try (ResultSet rows = statement.executeQuery()) {
                        return verdicts(rows);
                    }
                }
            });
            commits.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
        } catch (SQLException e) {
            if (Link.isStatementFault(e) && batch.size() > 1) {
                // One item's values spoilt the statement: each for itself, so that only that one is denied.
                List<AdmissionTicket> busy = new ArrayList<>();
                batch.forEach(ticket -> busy.addAll(send(link, List.of(ticket), wait)));
                return busy;
            }
            refuse(batch, e);
            return List.of();
        }
        List<AdmissionTicket> busy = new ArrayList<>();
        for (AdmissionTicket ticket : batch) {
            Verdict verdict = verdicts.get(ticket.admission.requestId());
            if (verdict == null) {
                ticket.answer.completeExceptionally(new SQLException("no verdict", "XX000"));
            } else if (verdict.entry() == null) {
                busy.add(ticket);
            } else {
                ticket.answer.complete(verdict.entry());
            }
        }
        return busy;
    }

    static void refuse(List<AdmissionTicket> tickets, Exception cause) {
        tickets.forEach(ticket -> ticket.answer.completeExceptionally(cause));
    }

    private String items(List<AdmissionTicket> batch) {
        String from = instance.get();
        ArrayNode items = LedgerJson.array();
        for (AdmissionTicket ticket : batch) {
            items.add(LedgerJson.admission(ticket.admission, from, deadlineMillis));
        }
        return LedgerJson.text(items);
    }

    /** @param entry null if the tenant is busy */
    private record Verdict(@Nullable Entry entry) {}

    private static Map<UUID, Verdict> verdicts(ResultSet rows) throws SQLException {
        Map<UUID, Verdict> verdicts = new HashMap<>();
        while (rows.next()) {
            verdicts.put(rows.getObject("rid", UUID.class), verdict(rows));
        }
        return verdicts;
    }

    private static Verdict verdict(ResultSet row) throws SQLException {
        String verdict = row.getString("verdict");
        Budget budget = budget(row);
        if (verdict.equals("ADMITTED")) {
            return new Verdict(new Entry.Admitted(budget));
        }
        if (budget != null && verdict.equals("OVER_BUDGET")) {
            return new Verdict(new Entry.OverBudget(budget));
        }
        if (budget != null && verdict.equals("NEVER_FITS")) {
            return new Verdict(new Entry.NeverFits(budget));
        }
        return new Verdict(
                switch (verdict) {
                    case "OUTDATED" -> new Entry.Outdated();
                    case "WRONG_EPOCH" -> new Entry.WrongEpoch();
                    case "FENCED" -> new Entry.Fenced();
                    case "BUSY" -> null;
                    default -> throw new SQLException("unknown verdict of admit: " + verdict, "XX000");
                });
    }

    private static @Nullable Budget budget(ResultSet row) throws SQLException {
        long limit = row.getLong("budget_limit");
        if (row.wasNull()) {
            return null;
        }
        OffsetDateTime reset = row.getObject("budget_reset", OffsetDateTime.class);
        Instant instant = reset == null ? null : reset.toInstant();
        return new Budget(limit, row.getLong("budget_remaining"), instant);
    }
}
