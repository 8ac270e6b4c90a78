package ai.neuronetz.gateway.app;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The log while {@code serve} runs. Closing writes what is left of it.
 *
 * <p>Lines go through a queue and one thread: whoever reads standard error too slowly costs lines, and never holds up the
 * threads that carry answers.
 */
final class Logs implements AutoCloseable {

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(Logs.class);

    private static final String APPENDER = "stderr";
    private static final String REQUESTS = "ai.neuronetz.gateway.requests";
    private static final int QUEUE = 8192;
    private static final int LAST_LINES_MILLIS = 5_000;

    private final Logger root;
    private final @Nullable ConsoleAppender<ILoggingEvent> console;
    private final AsyncAppender queue = new AsyncAppender();

    private Logs(LoggerContext context) {
        this.root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        this.console = root.getAppender(APPENDER) instanceof ConsoleAppender<ILoggingEvent> stderr ? stderr : null;
        queue.setContext(context);
        queue.setQueueSize(QUEUE);
        // Logback would drop INFO when the queue is nearly full; requests are INFO, and worth as much as the rest.
        queue.setDiscardingThreshold(0);
        queue.setNeverBlock(true);
        queue.setMaxFlushTime(LAST_LINES_MILLIS);
    }

    /** @param requests whether a line is written for each request */
    static Logs open(LogFormat format, boolean requests) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger(REQUESTS).setLevel(requests ? Level.INFO : Level.OFF);
        Logs logs = new Logs(context);
        ConsoleAppender<ILoggingEvent> console = logs.console;
        // Absent where an operator has given Logback a configuration of their own, which is then the one to hold.
        if (console != null) {
            if (format == LogFormat.JSON) {
                console.setEncoder(json(context));
            }
            logs.redirect(console);
        }
        takeOverOthers();
        return logs;
    }

    private static JsonLines json(LoggerContext context) {
        JsonLines lines = new JsonLines();
        lines.setContext(context);
        lines.start();
        return lines;
    }

    private void redirect(ConsoleAppender<ILoggingEvent> console) {
        root.detachAppender(console);
        queue.addAppender(console);
        queue.start();
        root.addAppender(queue);
    }

    private static void takeOverOthers() {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        // Otherwise the JVM would write the stack trace of a thread that ends by an exception past the log.
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failure) -> LOG.error("the thread {} ended unexpectedly", thread.getName(), failure));
    }

    @Override
    public void close() {
        if (console == null) {
            return;
        }
        root.detachAppender(queue);
        // Stops the console as well, once all has been written.
        queue.stop();
        console.start();
        root.addAppender(console);
    }
}
