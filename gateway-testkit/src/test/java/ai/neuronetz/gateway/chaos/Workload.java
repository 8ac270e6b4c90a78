package ai.neuronetz.gateway.chaos;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Clients of all tenants on all gateways.
 *
 * <p>A seed makes each client ask the same questions in the same order; when, and how far it gets, is up to the machine.
 */
final class Workload implements AutoCloseable {

    private final Stage stage;
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);

    private Workload(Stage stage) {
        this.stage = stage;
    }

    static Workload start(Stage stage, Scenario scenario, long seed) {
        Workload workload = new Workload(stage);
        Random seeds = new Random(seed);
        for (Scenario.Tenant tenant : scenario.tenants()) {
            for (int client = 0; client < tenant.clients(); client++) {
                Random random = new Random(seeds.nextLong());
                Thread thread = new Thread(() -> workload.run(tenant, random), "client-" + tenant.label() + client);
                thread.setDaemon(true);
                workload.threads.add(thread);
            }
        }
        workload.threads.forEach(Thread::start);
        return workload;
    }

    /** What the clients saw so far. */
    List<Reply> replies() {
        return List.copyOf(replies);
    }

    /** Lets every client finish what it is at, and waits for that. */
    void stop() {
        stop.countDown();
        try {
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(30));
                if (thread.isAlive()) {
                    throw new IllegalStateException(thread.getName() + " did not end");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the clients end", e);
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** All gateways, that one first. */
    private List<URI> from(int gateway) {
        return IntStream.range(0, stage.gateways())
                .mapToObj(next -> stage.url((gateway + next) % stage.gateways()))
                .toList();
    }

    private void run(Scenario.Tenant tenant, Random random) {
        try {
            long pause = random.nextInt(500);
            while (!stop.await(pause, TimeUnit.MILLISECONDS)) {
                Ask ask = tenant.manner()
                        .draw(random, stage.gateways(), tenant.callers().size());
                Scenario.Caller caller = tenant.callers().get(ask.caller());
                Reply reply = ChaosClient.send(from(ask.gateway()), tenant.label(), caller.secret(), ask);
                replies.add(reply);
                // Who is turned away waits a little, as a polite client would.
                pause = reply.status() == 200 ? ask.pauseMillis() : ask.pauseMillis() + 100;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
