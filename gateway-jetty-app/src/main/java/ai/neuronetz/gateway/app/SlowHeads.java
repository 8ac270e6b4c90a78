package ai.neuronetz.gateway.app;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections whose next request's head does not get complete. Jetty's own time-out begins anew with every byte, so
 * that a client could hold a connection with a byte now and then for days.
 *
 * <p>All connections are looked at a few times per limit, which costs a request nothing.
 */
final class SlowHeads extends AbstractLifeCycle {

    private final ServerConnector connector;
    private final long limitNanos;
    private final long pauseMillis;
    private volatile Scheduler.@Nullable Task next;

    SlowHeads(ServerConnector connector, Duration limit) {
        this.connector = connector;
        this.limitNanos = limit.toNanos();
        this.pauseMillis = Math.max(5, Math.min(1000, limit.toMillis() / 8));
    }

    @Override
    protected void doStart() {
        scheduleNext();
    }

    @Override
    protected void doStop() {
        Scheduler.Task task = next;
        if (task != null) {
            task.cancel();
        }
    }

    private void scheduleNext() {
        next = connector.getScheduler().schedule(this::look, pauseMillis, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            long now = System.nanoTime();
            for (EndPoint socket : connector.getConnectedEndPoints()) {
                Connection connection = socket.getConnection();
                if (connection instanceof SslConnection tls) {
                    // The handshake is part of the first head.
                    connection = tls.getSslEndPoint().getConnection();
                }
                if (connection != null && connection.getEndPoint() instanceof ClientGoneWatch watch) {
                    watch.closeIfHeadTakes(limitNanos, now);
                }
            }
        } finally {
            if (isRunning() || isStarting()) {
                scheduleNext();
            }
        }
    }
}
