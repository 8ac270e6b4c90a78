package ai.neuronetz.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.ClientStream;
import ai.neuronetz.gateway.exchange.RequestBody;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client without a network. It takes every frame at once, or when told to. */
final class RecordedExchange implements ClientExchange, ClientStream {

    private final ClientRequest request;
    private final Deque<Runnable> held = new ArrayDeque<>();
    private final StringBuilder written = new StringBuilder();
    private RequestBody body = new RequestBody.Complete("{}".getBytes(UTF_8));
    private final List<Integer> writes = new ArrayList<>();
    private int bodiesRead;
    private int answers;
    private boolean slow;
    private boolean streamEnded;
    private boolean aborted;
    private @Nullable Answer head;
    private Runnable onGone = () -> {};

    RecordedExchange(String method, String target, Map<String, List<String>> headers) {
        this.request = new ClientRequest(method, target, headers, InetAddress.getLoopbackAddress());
    }

    static RecordedExchange chat() {
        return new RecordedExchange("POST", "/api/chat", Map.of());
    }

    RecordedExchange body(RequestBody other) {
        body = other;
        return this;
    }

    /** Takes frames only in {@link #takeOne}. */
    RecordedExchange slow() {
        slow = true;
        return this;
    }

    void takeOne() {
        held.remove().run();
    }

    void leave() {
        onGone.run();
    }

    @Override
    public ClientRequest request() {
        return request;
    }

    @Override
    public void readBody(int maxBytes, Consumer<RequestBody> receiver) {
        bodiesRead++;
        receiver.accept(body);
    }

    @Override
    public void answer(Answer whole) {
        answers++;
        head = whole;
        written.append(new String(whole.body(), UTF_8));
    }

    @Override
    public ClientStream stream(Answer first, Runnable gone) {
        answers++;
        head = first;
        onGone = gone;
        return this;
    }

    @Override
    public void whenGone(Runnable gone) {
        onGone = gone;
    }

    @Override
    public void write(ByteBuffer bytes, Runnable onWritten) {
        writes.add(bytes.remaining());
        written.append(UTF_8.decode(bytes));
        if (slow) {
            held.add(onWritten);
        } else {
            onWritten.run();
        }
    }

    @Override
    public void end() {
        streamEnded = true;
    }

    @Override
    public void abort() {
        aborted = true;
    }

    int status() {
        return requireNonNull(head, "nothing was answered").status();
    }

    @Nullable
    String header(String name) {
        return requireNonNull(head, "nothing was answered").headers().get(name);
    }

    /** Everything written, whole answers included. */
    String text() {
        return written.toString();
    }

    /** The error code in what was written. */
    String code() {
        return written.toString().replaceAll("(?s).*\"code\":\"([a-z_]+)\".*", "$1");
    }

    /** Heads sent, of whole and of streamed answers. */
    int answers() {
        return answers;
    }

    /** The length of each write in the order they came. */
    List<Integer> writes() {
        return writes;
    }

    boolean aborted() {
        return aborted;
    }

    int bodiesRead() {
        return bodiesRead;
    }

    boolean streamEnded() {
        return streamEnded;
    }
}
