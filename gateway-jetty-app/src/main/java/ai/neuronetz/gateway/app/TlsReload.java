package ai.neuronetz.gateway.app;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** Looks now and then whether the TLS files have changed. Notices of the file system do not cross every kind of mount. */
final class TlsReload extends AbstractLifeCycle {

    private final ServerConnector connector;
    private final TlsFiles files;
    private final Duration pause;
    private volatile Scheduler.@Nullable Task next;

    TlsReload(ServerConnector connector, TlsFiles files, Duration pause) {
        this.connector = connector;
        this.files = files;
        this.pause = pause;
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
        // Not on the scheduler's own thread: a file system that hangs must not stop the time-outs.
        next = connector
                .getScheduler()
                .schedule(() -> connector.getExecutor().execute(this::look), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            files.reloadIfChanged();
        } finally {
            if (isRunning()) {
                scheduleNext();
            }
        }
    }
}
