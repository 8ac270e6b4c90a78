package ai.neuronetz.gateway.upstream;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Notes what an upstream says, and asks for more at once or when told to. */
final class RecordedAnswer implements UpstreamReceiver {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Deque<Runnable> held = new ArrayDeque<>();
    private final List<String> events = new ArrayList<>();
    private boolean paused;
    private @Nullable Failure failure;

    /** One that does not ask for more until {@link #resume}. */
    static RecordedAnswer paused() {
        RecordedAnswer answer = new RecordedAnswer();
        answer.paused = true;
        return answer;
    }

    void resume() {
        List<Runnable> due;
        synchronized (this) {
            paused = false;
            due = List.copyOf(held);
            held.clear();
        }
        due.forEach(Runnable::run);
    }

    @Override
    public synchronized void onHead(int status, String contentType) {
        events.add("head " + status + " " + contentType);
    }

    @Override
    public void onBytes(ByteBuffer arrived, Runnable demand) {
        synchronized (this) {
            byte[] copy = new byte[arrived.remaining()];
            arrived.get(copy);
            bytes.writeBytes(copy);
            if (paused) {
                held.add(demand);
                return;
            }
        }
        demand.run();
    }

    @Override
    public synchronized void onEnd() {
        events.add("end");
    }

    @Override
    public synchronized void onFailure(Failure how) {
        failure = how;
        events.add(how.name());
    }

    /** Head, end and failure in the order they came. */
    synchronized List<String> events() {
        return List.copyOf(events);
    }

    synchronized byte[] bytes() {
        return bytes.toByteArray();
    }

    synchronized int length() {
        return bytes.size();
    }

    synchronized boolean ended() {
        return failure != null || events.contains("end");
    }
}
