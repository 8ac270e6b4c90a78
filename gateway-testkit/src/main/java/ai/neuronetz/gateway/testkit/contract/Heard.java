package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.upstream.UpstreamReceiver;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** What an upstream told its receiver. */
final class Heard implements UpstreamReceiver {

    private final List<String> events = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Runnable> demands = new ArrayList<>();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);
    private boolean paused;

    /** One that asks for nothing more until it is resumed. */
    static Heard paused() {
        Heard heard = new Heard();
        heard.paused = true;
        return heard;
    }

    void resume() {
        List<Runnable> due;
        synchronized (bytes) {
            paused = false;
            due = List.copyOf(demands);
            demands.clear();
        }
        due.forEach(Runnable::run);
    }

    @Override
    public void onHead(int status, String contentType) {
        note("head " + status);
    }

    @Override
    public void onBytes(ByteBuffer arrived, Runnable demand) {
        enter();
        boolean later;
        synchronized (bytes) {
            byte[] copy = new byte[arrived.remaining()];
            arrived.get(copy);
            bytes.writeBytes(copy);
            later = paused;
            if (later) {
                demands.add(demand);
            }
        }
        busy.set(false);
        if (!later) {
            demand.run();
        }
    }

    @Override
    public void onEnd() {
        note("end");
        over.countDown();
    }

    @Override
    public void onFailure(Failure failure) {
        note(failure.name());
        over.countDown();
    }

    private void note(String event) {
        enter();
        if (over.getCount() == 0) {
            events.add("after the end:");
        }
        events.add(event);
        busy.set(false);
    }

    private void enter() {
        if (!busy.compareAndSet(false, true)) {
            events.add("two calls at the same time");
        }
    }

    void awaitOver() {
        try {
            assertThat(over.await(20, TimeUnit.SECONDS))
                    .as("an end or a failure")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Head, end and failure in the order they came, and what should not have been. */
    List<String> events() {
        return events;
    }

    String text() {
        synchronized (bytes) {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    int length() {
        synchronized (bytes) {
            return bytes.size();
        }
    }
}
