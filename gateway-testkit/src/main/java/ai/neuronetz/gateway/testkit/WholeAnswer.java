package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.Generation.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
        long wait = answer.durationNanos();
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
        Script.Fault fault = script.refusal == null ? script.fault : null;
        boolean stalls = fault != null && fault.kind() == Script.Fault.Kind.STALL;
        if (fault != null && stalls && !fault.inBytes()) {
            return;
        }
        if (!stalls && !taken.compareAndSet(false, true)) {
            return;
        }
        Dialect dialect = answer.request().route().dialect;
        if (script.refusal != null) {
            Script.Refusal refusal = script.refusal;
            write(refusal.status(), Json.write(dialect.error(refusal.status(), refusal.error())), State.FAILED);
        } else if (fault == null) {
            generation.frame((int) answer.generatedTokens());
            write(200, Json.write(dialect.whole(answer)), State.COMPLETED);
        } else if (fault.inBytes()) {
            brokenAtByte(fault, dialect);
        } else {
            broken(fault, dialect);
        }
    }

    private void brokenAtByte(Script.Fault fault, Dialect dialect) {
        generation.frame((int) answer.generatedTokens());
        byte[] whole = Json.write(dialect.whole(answer)).getBytes(StandardCharsets.UTF_8);
        if (fault.at() > whole.length) {
            if (fault.kind() != Script.Fault.Kind.STALL || taken.compareAndSet(false, true)) {
                write(200, whole, State.COMPLETED);
            }
            return;
        }
        byte[] part = Arrays.copyOf(whole, (int) fault.at());
        if (fault.kind() == Script.Fault.Kind.CUT) {
            write(200, part, State.FAILED);
            return;
        }
        head(200, whole.length);
        response.write(
                false,
                ByteBuffer.wrap(part),
                Callback.from(
                        () -> {
                            if (fault.kind().breaksConnection()) {
                                breakOff(fault);
                            }
                        },
                        this::notSent));
    }

    private void broken(Script.Fault fault, Dialect dialect) {
        switch (fault.kind()) {
            case ERROR -> write(500, Json.write(dialect.error(500, fault.text())), State.FAILED);
            case INVALID_JSON, INVALID_UTF8, OVERSIZED -> write(200, Garbage.whole(fault), State.FAILED);
            case CUT -> write(200, Json.write(dialect.cut(answer)), State.FAILED);
            case CLOSE, RESET -> breakOff(fault);
            case STALL -> throw new IllegalStateException("does not come here");
        }
    }

    private void breakOff(Script.Fault fault) {
        watch.cancel();
        AnswerStream.breakConnection(endPoint, fault.kind() == Script.Fault.Kind.RESET);
        fail(State.FAILED, new EofException("broken as scripted"));
    }

    private void fail(State state, IOException cause) {
        generation.end(state);
        endPoint.close();
        callback.failed(cause);
    }

    private void write(int status, String body, State state) {
        write(status, body.getBytes(StandardCharsets.UTF_8), state);
    }

    private void write(int status, byte[] body, State state) {
        watch.cancel();
        head(status, body.length);
        response.write(true, ByteBuffer.wrap(body), Callback.from(() -> sent(state), this::notSent));
    }

    private void head(int status, int length) {
        response.setStatus(status);
        response.getHeaders()
                .put(HttpHeader.CONTENT_TYPE, answer.request().route().dialect.wholeType());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
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
