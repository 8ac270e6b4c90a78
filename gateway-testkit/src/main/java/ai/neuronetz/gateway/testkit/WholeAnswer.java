package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.Generation.State;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * An answer that is sent in one piece: not streamed, a refusal, or an embedding. Nothing is sent before the time is up
 * that the streamed answer would have taken. Every fault of the script takes effect, whatever its frame count is.
 */
final class WholeAnswer {
    private final Response response;
    private final Callback callback;
    private final EndPoint endPoint;
    private final LiveGeneration generation;
    private final Answer answer;
    private final DisconnectWatch watch;
    // Whoever sets it answers.
    private final AtomicBoolean taken = new AtomicBoolean();

    WholeAnswer(Request request, Response response, Callback callback, LiveGeneration generation, Answer answer) {
        this.response = response;
        this.callback = callback;
        this.endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        this.generation = generation;
        this.answer = answer;
        this.watch = DisconnectWatch.start(request, this::clientGone);
    }

    void start(Pacer pacer) {
        Script script = answer.script();
        long steps = script.refusal == null ? Math.max(0, answer.pieces().size() - 1) : 0;
        long wait = script.firstFrameAfter.toNanos() + steps * script.pace.toNanos();
        if (wait <= 0) {
            send();
        } else {
            pacer.after(wait, this::send);
        }
    }

    private void clientGone() {
        if (taken.compareAndSet(false, true)) {
            fail(State.CANCELLED, new EofException("client is gone"));
        }
    }

    private void send() {
        Script script = answer.script();
        if (script.fault != null && script.refusal == null && script.fault.kind() == Script.Fault.Kind.STALL) {
            return;
        }
        if (!taken.compareAndSet(false, true)) {
            return;
        }
        watch.cancel();
        Dialect dialect = answer.request().route().dialect;
        if (script.refusal != null) {
            Script.Refusal refusal = script.refusal;
            write(refusal.status(), Json.write(dialect.error(refusal.status(), refusal.error())), State.FAILED);
        } else if (script.fault != null) {
            broken(script.fault, dialect);
        } else {
            generation.frame((int) answer.generatedTokens());
            write(200, Json.write(dialect.whole(answer)), State.COMPLETED);
        }
    }

    private void broken(Script.Fault fault, Dialect dialect) {
        switch (fault.kind()) {
            case ERROR -> write(500, Json.write(dialect.error(500, fault.text())), State.FAILED);
            case GARBAGE -> write(200, "{\"model\":\"m\",<>", State.FAILED);
            case CUT -> {
                // What Ollama sends when it ends a generation silently.
                ObjectNode whole = dialect.whole(answer);
                whole.remove("done_reason");
                write(200, Json.write(whole.has("done") ? whole.put("done", false) : whole), State.FAILED);
            }
            case CLOSE, RESET -> {
                AnswerStream.breakConnection(endPoint, fault.kind() == Script.Fault.Kind.RESET);
                fail(State.FAILED, new EofException("broken as scripted"));
            }
            case STALL -> throw new IllegalStateException("does not come here");
        }
    }

    private void fail(State state, IOException cause) {
        generation.end(state);
        endPoint.close();
        callback.failed(cause);
    }

    private void write(int status, String body, State state) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.getHeaders()
                .put(HttpHeader.CONTENT_TYPE, answer.request().route().dialect.wholeType());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
        response.write(true, ByteBuffer.wrap(bytes), Callback.from(() -> sent(state), this::notSent));
    }

    private void sent(State state) {
        generation.end(state);
        callback.succeeded();
    }

    private void notSent(Throwable cause) {
        generation.end(State.CANCELLED);
        callback.failed(cause);
    }
}
