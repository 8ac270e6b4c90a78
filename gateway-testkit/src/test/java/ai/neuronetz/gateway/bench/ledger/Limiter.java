package ai.neuronetz.gateway.bench.ledger;

import java.sql.SQLException;

/** Decides requests of a fixed number of tokens against one budget. Thread-safe. */
interface Limiter extends AutoCloseable {

    String ADMITTED = "admitted";
    String OVER_BUDGET = "budget_exhausted";

    /** Nothing was decided; to be asked again. */
    String UNANSWERED = "unanswered";

    /** One of the above, or whatever else came of it. */
    String decide(int caller) throws Exception;

    @Override
    void close() throws SQLException;
}
