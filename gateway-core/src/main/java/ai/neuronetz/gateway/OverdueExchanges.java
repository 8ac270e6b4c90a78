package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.Reason;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Cuts exchanges whose upstream has forgotten them. The gateway's own keeps to its time-outs; this is for one that never says
 * how a call ended, and would hold a place and a reservation for ever.
 */
final class OverdueExchanges implements AutoCloseable {

    /** Beyond the total time-out, so that an upstream that keeps it is the one to say so. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private static final long SWEEP_MILLIS = 1000;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "gateway-overdue");
        thread.setDaemon(true);
        return thread;
    });

    private OverdueExchanges() {}

    @SuppressWarnings("FutureReturnValueIgnored") // a cut does not throw, and the sweeps end with the timer
    static OverdueExchanges watch(OpenExchanges open, Duration longestAnswer) {
        OverdueExchanges overdue = new OverdueExchanges();
        Duration longest = longestAnswer.plus(GRACE);
        overdue.timer.scheduleWithFixedDelay(
                () -> open.cutOverdue(longest, Reason.UPSTREAM_TIMEOUT),
                SWEEP_MILLIS,
                SWEEP_MILLIS,
                TimeUnit.MILLISECONDS);
        return overdue;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
