package ai.neuronetz.gateway.postgres;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admissions of tenants whose rows are locked by another process or a change of their limits: each tenant waits in batches of
 * its own, so that it delays nobody else.
 *
 * <p>Thread-safe. {@value #THREADS} threads with a connection each; while more tenants than that are locked for long, those
 * beyond are denied.
 */
final class BusyTenants implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BusyTenants.class);

    private static final int THREADS = 4;

    private final AdmissionStatement statement;
    private final List<Link> links = new ArrayList<>();
    private final BlockingQueue<Link> idle = new ArrayBlockingQueue<>(THREADS);
    private final ExecutorService threads =
            Executors.newFixedThreadPool(THREADS, Threads.named("gateway-ledger-admit-busy"));

    /** By tenant, in the order they came; a tenant is here exactly while a thread is at it or will be. Guarded by itself. */
    private final Map<String, Deque<AdmissionTicket>> waiting = new HashMap<>();

    BusyTenants(DatabaseSettings settings, AdmissionStatement statement) {
        this.statement = statement;
        for (int i = 0; i < THREADS; i++) {
            links.add(new Link(settings, 200, 150, 1));
        }
        idle.addAll(links);
    }

    /** Takes a ticket if its tenant is busy already. */
    boolean joins(AdmissionTicket ticket) {
        synchronized (waiting) {
            Deque<AdmissionTicket> tickets = waiting.get(ticket.tenantId());
            if (tickets == null) {
                return false;
            }
            tickets.add(ticket);
            return true;
        }
    }

    void add(AdmissionTicket ticket) {
        synchronized (waiting) {
            if (joins(ticket)) {
                return;
            }
            waiting.put(ticket.tenantId(), new ArrayDeque<>(List.of(ticket)));
        }
        serve(ticket.tenantId());
    }

    private void serve(String tenantId) {
        try {
            threads.execute(() -> sendOne(tenantId));
        } catch (RejectedExecutionException e) {
            synchronized (waiting) {
                waiting.remove(tenantId);
            }
        }
    }

    /** One batch, then back in line: a tenant that is always busy must not keep a thread to itself. */
    private void sendOne(String tenantId) {
        List<AdmissionTicket> batch = nextBatch(tenantId);
        if (batch.isEmpty()) {
            return;
        }
        try {
            Link link = idle.take();
            try {
                AdmissionStatement.refuse(
                        statement.send(link, batch, true), new IllegalStateException("waited and still busy"));
            } finally {
                idle.add(link);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            AdmissionStatement.refuse(batch, e);
        } catch (RuntimeException e) {
            LOG.error("admissions failed unexpectedly and were denied", e);
            AdmissionStatement.refuse(batch, e);
        }
        serve(tenantId);
    }

    /** Empty, and the tenant busy no more, if nobody waits. */
    private List<AdmissionTicket> nextBatch(String tenantId) {
        List<AdmissionTicket> batch = new ArrayList<>(AdmissionLane.BATCH);
        synchronized (waiting) {
            Deque<AdmissionTicket> tickets = waiting.getOrDefault(tenantId, new ArrayDeque<>());
            while (batch.size() < AdmissionLane.BATCH && !tickets.isEmpty()) {
                AdmissionTicket ticket = tickets.remove();
                if (!ticket.done()) {
                    batch.add(ticket);
                }
            }
            if (batch.isEmpty()) {
                waiting.remove(tenantId);
            }
        }
        return batch;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        links.forEach(Link::close);
    }
}
