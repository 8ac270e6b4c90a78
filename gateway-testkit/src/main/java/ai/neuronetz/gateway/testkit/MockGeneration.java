package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.MockFormat.Counts;
import ai.neuronetz.gateway.testkit.MockOllama.State;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Generates one answer, a frame at a time.
 *
 * <p>A client that leaves is seen within a tenth of a second, also while no frame is due: Jetty itself would notice only at
 * the next write, so the socket is read, where nothing but the end can come while an answer is under way.
 */
final class MockGeneration {

    private static final Duration WATCH = Duration.ofMillis(100);
    private static final int BYTES_PER_TOKEN = 4;
    private static final int TOKENS_PER_MESSAGE = 8;

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final MockFormat format;
    private final String model;
    private final MockScript script;
    private final ScheduledExecutorService clock;
    private final boolean streamed;
    private final boolean usage;
    private final int length;
    private final boolean capped;
    private final long promptTokens;

    private final List<Long> frameNanos = new ArrayList<>();
    private int generated;
    private State state = State.RUNNING;

    MockGeneration(
            Request request,
            Response response,
            Callback callback,
            MockFormat format,
            JsonNode json,
            String model,
            MockScript script,
            ScheduledExecutorService clock) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.format = format;
        this.model = model;
        this.script = script;
        this.clock = clock;
        this.streamed = json.path("stream").asBoolean(format.streamsByDefault());
        this.usage = json.path("stream_options").path("include_usage").asBoolean();
        long cap = format.streamsByDefault()
                ? json.path("options").path("num_predict").asLong(Integer.MAX_VALUE)
                : json.path("max_tokens").asLong(Integer.MAX_VALUE);
        this.capped = cap < script.tokens().size();
        this.length = (int) Math.min(script.tokens().size(), cap);
        long text = json.path("prompt").asText("").length();
        for (JsonNode message : json.path("messages")) {
            text += message.path("content")
                    .asText(message.path("content").toString())
                    .length();
        }
        this.promptTokens = (text + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN
                + (long) TOKENS_PER_MESSAGE * Math.max(1, json.path("messages").size());
    }

    void start() {
        if (streamed) {
            response.getHeaders().put("Content-Type", format.streamType());
        }
        later(script.firstFrameAfter(), streamed ? this::nextFrame : this::whole);
        watch();
    }

    synchronized MockOllama.Generation snapshot() {
        return new MockOllama.Generation(
                request.getHttpURI().getPath(), model, promptTokens, generated, state, List.copyOf(frameNanos));
    }

    private void whole() {
        if (!running()) {
            return;
        }
        synchronized (this) {
            generated = length;
        }
        String text = String.join("", script.tokens().subList(0, length));
        end(State.COMPLETED);
        MockHandler.send(response, callback, 200, format.whole(model, text, counts(), reason()));
    }

    private void nextFrame() {
        if (!running()) {
            return;
        }
        int index;
        synchronized (this) {
            index = generated;
        }
        MockScript.Fault fault = script.fault();
        if (fault != null && index == Math.min(fault.afterFrames(), length)) {
            fail(fault);
        } else if (index == length) {
            String last = String.join("", format.last(model, counts(), reason(), usage));
            end(State.COMPLETED);
            response.write(true, bytes(last), callback);
        } else {
            synchronized (this) {
                generated++;
                frameNanos.add(System.nanoTime());
            }
            write(format.frame(model, script.tokens().get(index), index == 0), this::nextFrame);
        }
    }

    private void write(String text, Runnable next) {
        response.write(false, bytes(text), Callback.from(() -> later(script.pace(), next), failure -> leave()));
    }

    private void fail(MockScript.Fault fault) {
        switch (fault.kind()) {
            case STATUS -> throw new IllegalStateException("answered before");
            case STALL -> {}
            case CUT -> {
                end(State.FAILED);
                response.write(true, ByteBuffer.allocate(0), callback);
            }
            case ERROR -> {
                end(State.FAILED);
                response.write(true, bytes(format.streamedError(fault.text(), model)), callback);
            }
            case GARBAGE -> {
                end(State.FAILED);
                response.write(true, bytes(fault.text() + "\n"), callback);
            }
            case RESET -> {
                end(State.FAILED);
                try {
                    channel().setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
                    channel().close();
                } catch (IOException e) {
                    callback.failed(e);
                    return;
                }
                callback.failed(new IOException("reset, as the script says"));
            }
        }
    }

    /** Looks for the end of the connection, again and again while the answer is under way. */
    private void watch() {
        clock.schedule(
                () -> {
                    if (running()) {
                        if (gone()) {
                            leave();
                        } else {
                            watch();
                        }
                    }
                },
                WATCH.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private boolean gone() {
        try {
            return channel().read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    private SocketChannel channel() {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        return ((SocketChannelEndPoint) endPoint).getChannel();
    }

    private void leave() {
        if (end(State.CANCELLED)) {
            callback.failed(new IOException("the client left"));
        }
    }

    private void later(Duration wait, Runnable next) {
        if (!clock.isShutdown()) {
            clock.schedule(next, wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private synchronized boolean running() {
        return state == State.RUNNING;
    }

    private synchronized boolean end(State how) {
        if (state != State.RUNNING) {
            return false;
        }
        state = how;
        return true;
    }

    private Counts counts() {
        if (script.countsOmitted()) {
            return new Counts(null, null);
        }
        Long input = script.lyingInput();
        Long output = script.lyingOutput();
        return new Counts(
                input == null ? Long.valueOf(promptTokens) : input, output == null ? Long.valueOf(length) : output);
    }

    private String reason() {
        return capped ? "length" : "stop";
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
