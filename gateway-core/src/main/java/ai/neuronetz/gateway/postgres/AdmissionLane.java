package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admits what waits, together, in one commit.
 *
 * <p>One thread and one connection, for all tenants whose rows nobody else holds; the others go to {@link BusyTenants}. There
 * is no artificial delay: what arrives while a commit is under way is the next batch, so an idle ledger answers at once and a
 * busy one shares its commits. Callers wait 250 ms at most, whatever the thread does.
 */
final class AdmissionLane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdmissionLane.class);

    static final int BATCH = 64;

    private static final int QUEUE = 1024;

    private final BlockingQueue<AdmissionTicket> queue = new ArrayBlockingQueue<>(QUEUE);
    private final AdmissionStatement statement;
    private final Link link;
    private final BusyTenants busy;
    private final Thread thread;
    private volatile boolean closed;

    AdmissionLane(DatabaseSettings settings, AdmissionStatement statement, MeterRegistry registry) {
        this.statement = statement;
        this.link = new Link(settings, 200, 200, 1);
        this.busy = new BusyTenants(settings, statement);
        Gauge.builder("gateway.ledger.admit.queue", queue, BlockingQueue::size)
                .description("Admissions that wait for their commit to begin")
                .register(registry);
        this.thread = new Thread(this::run, "gateway-ledger-admit");
        this.thread.setDaemon(true);
    }

    /**
     * Asks for a request of a tenant that cannot exist, so that connection, plans and classes are there when the first real
     * one comes; then begins to admit, whatever came of it.
     */
    void start() {
        Principal nobody = new Principal(
                "-", new KeyId("000000000000"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 0);
        statement.send(
                link, List.of(new AdmissionTicket(new Admission(new UUID(0, 0), nobody, 0, "-", "-", 1, 1))), false);
        thread.start();
    }

    Entry admit(Admission admission) {
        AdmissionTicket ticket = new AdmissionTicket(admission);
        if (closed || !queue.offer(ticket)) {
            throw new StoreUnavailableException(
                    closed ? "the ledger is closed" : "too many admissions are waiting for PostgreSQL already");
        }
        try {
            return ticket.answer.get(BoundedCalls.WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // Tells the lane not to send it any more. If it was sent already, the caller voids it.
            ticket.answer.cancel(false);
            throw new StoreUnavailableException("PostgreSQL did not commit the admission in time", e);
        } catch (InterruptedException e) {
            ticket.answer.cancel(false);
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while waiting for an admission", e);
        } catch (ExecutionException e) {
            throw new StoreUnavailableException("PostgreSQL did not admit", e);
        }
    }

    private void run() {
        List<AdmissionTicket> batch = new ArrayList<>(BATCH);
        while (!closed) {
            try {
                batch.clear();
                batch.add(queue.take());
                queue.drainTo(batch, BATCH - 1);
                batch.removeIf(AdmissionTicket::done);
                // In order: what is busy already does not overtake those who wait.
                batch.removeIf(busy::joins);
                if (!batch.isEmpty()) {
                    statement.send(link, batch, false).forEach(busy::add);
                }
            } catch (InterruptedException e) {
                break;
            } catch (RuntimeException e) {
                LOG.error("admissions failed unexpectedly and were denied", e);
                AdmissionStatement.refuse(batch, e);
            }
        }
        closed = true;
        queue.drainTo(batch);
        AdmissionStatement.refuse(batch, new StoreUnavailableException("the ledger is closed"));
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        link.close();
        busy.close();
    }
}
