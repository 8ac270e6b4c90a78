package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.Driver;

/**
 * Short questions to PostgreSQL, none of which a caller waits for longer than 250 ms.
 *
 * <p>The calls run on threads of their own, as many as there are connections: a server that hangs holds those threads, for
 * as long as a socket may be silent, and no others. Thread-safe.
 */
final class BoundedCalls implements AutoCloseable {

    static final long WAIT_MILLIS = 250;

    private static final int CONNECTIONS = 8;
    private static final int QUEUE = 256;

    private final HikariDataSource pool;
    private final ThreadPoolExecutor threads;

    BoundedCalls(DatabaseSettings settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("gateway-postgres");
        config.setJdbcUrl(settings.jdbcUrl());
        // By its name, since the JVM looks for drivers once, and not in the class loaders of web applications.
        config.setDriverClassName(Driver.class.getName());
        config.setDataSourceProperties(settings.properties(1));
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(WAIT_MILLIS);
        config.setValidationTimeout(WAIT_MILLIS);
        config.setInitializationFailTimeout(-1);
        config.setMaxLifetime(TimeUnit.MINUTES.toMillis(15));
        config.setConnectionInitSql("SET statement_timeout = 200");
        this.pool = new HikariDataSource(config);
        this.threads = new ThreadPoolExecutor(
                CONNECTIONS,
                CONNECTIONS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE),
                Threads.named("gateway-postgres-lookup"),
                new ThreadPoolExecutor.AbortPolicy());
    }

    /** @throws StoreUnavailableException if there is no answer in time, or an error instead */
    <T> T call(Link.Work<T> work) {
        Future<T> answer;
        try {
            answer = threads.submit(() -> {
                try (Connection connection = pool.getConnection()) {
                    return work.on(connection);
                }
            });
        } catch (RejectedExecutionException e) {
            throw new StoreUnavailableException("PostgreSQL: too many calls are waiting already", e);
        }
        try {
            return answer.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // Not interrupted: one that still waits in the queue never runs, one on the wire ends by its own time-out.
            answer.cancel(false);
            threads.purge();
            throw new StoreUnavailableException("PostgreSQL did not answer within " + WAIT_MILLIS + " ms", e);
        } catch (InterruptedException e) {
            answer.cancel(false);
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while waiting for PostgreSQL", e);
        } catch (ExecutionException e) {
            throw new StoreUnavailableException("PostgreSQL could not be asked", e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        pool.close();
    }
}
