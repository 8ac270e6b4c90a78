package ai.neuronetz.gateway.servlet;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.ClientStream;
import ai.neuronetz.gateway.exchange.RequestBody;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request in a servlet container, served asynchronously from its first moment.
 *
 * <p>The first of {@link #answer}, {@link #stream} and a failure wins; after that the request and response belong to the
 * {@link ResponseStream}, which alone touches them.
 */
final class ServletExchange implements ClientExchange {

    private final ClientRequest clientRequest;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final AsyncContext async;
    private final Deadlines deadlines;
    private final @Nullable Executor admissionExecutor;
    private final Map<String, String> headers;
    private final long bodyTimeoutNanos;
    private final long writeTimeoutNanos;
    private final boolean hasBody;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicReference<@Nullable Runnable> onGoneBeforeAnswer = new AtomicReference<>();
    private volatile boolean bodyRead;
    private volatile boolean streaming;
    private volatile boolean gone;
    private volatile @Nullable BodyReader bodyReader;
    private volatile @Nullable ResponseStream responseStream;

    /** @param headers added to every answer */
    ServletExchange(
            ClientRequest clientRequest,
            HttpServletRequest request,
            HttpServletResponse response,
            AsyncContext async,
            Deadlines deadlines,
            @Nullable Executor admissionExecutor,
            Map<String, String> headers,
            long bodyTimeoutNanos,
            long writeTimeoutNanos) {
        this.clientRequest = clientRequest;
        this.request = request;
        this.response = response;
        this.async = async;
        this.deadlines = deadlines;
        this.admissionExecutor = admissionExecutor;
        this.headers = headers;
        this.bodyTimeoutNanos = bodyTimeoutNanos;
        this.writeTimeoutNanos = writeTimeoutNanos;
        this.hasBody = request.getContentLengthLong() > 0
                || request.getHeader("Transfer-Encoding") != null
                || (!request.getProtocol().startsWith("HTTP/1.") && request.getContentLengthLong() != 0);
    }

    /** Hands the exchange to the pipeline, on the admission executor if there is one. */
    void begin(Consumer<ClientExchange> pipeline) {
        async.addListener(new Watch());
        if (request.getAttribute(GatewayFilter.CLIENT_GONE) instanceof CompletionStage<?> stage) {
            stage.whenComplete((value, failure) -> clientLeft());
        }
        if (admissionExecutor == null) {
            guarded(() -> pipeline.accept(this));
        } else {
            onBlockingThread(() -> pipeline.accept(this));
        }
    }

    @Override
    public ClientRequest request() {
        return clientRequest;
    }

    @Override
    public void readBody(int maxBytes, Consumer<RequestBody> receiver) {
        long declared = request.getContentLengthLong();
        if (declared > maxBytes) {
            deliver(receiver, new RequestBody.TooLarge());
        } else if (!hasBody) {
            deliver(receiver, new RequestBody.Complete(new byte[0]));
        } else {
            try {
                BodyReader reader = new BodyReader(
                        request.getInputStream(),
                        declared,
                        maxBytes,
                        System.nanoTime() + bodyTimeoutNanos,
                        body -> bodyEnded(receiver, body));
                bodyReader = reader;
                deadlines.watch(reader);
                request.getInputStream().setReadListener(reader);
            } catch (IOException e) {
                deliver(receiver, new RequestBody.Broken());
            } catch (IllegalStateException | UnsupportedOperationException taken) {
                throw new HostFault("a filter before the gateway's has taken the request's body, or cannot give it by"
                        + " events; keep the gateway's paths out of it.");
            }
        }
    }

    @Override
    public void answer(Answer answer) {
        if (answered.compareAndSet(false, true)) {
            send(answer);
        }
    }

    @Override
    public ClientStream stream(Answer head, Runnable onGone) {
        if (!answered.compareAndSet(false, true)) {
            // The exchange was answered from outside the pipeline, because something failed: nobody is listening.
            ResponseStream closed = newStream(onGone);
            closed.clientLeft();
            return closed;
        }
        ResponseStream stream = newStream(onGone);
        responseStream = stream;
        streaming = true;
        try {
            writeHead(head);
            // With a length the body follows at once, and the head goes with it.
            stream.open(!head.headers().containsKey("Content-Length"));
        } catch (HostFault fault) {
            FailureLog.log(fault);
            stream.refuse();
        } catch (IOException | RuntimeException e) {
            stream.clientLeft();
        }
        if (gone) {
            stream.clientLeft();
        }
        return stream;
    }

    @Override
    public void whenGone(Runnable onGone) {
        onGoneBeforeAnswer.set(onGone);
        if (gone) {
            runOnGone();
        }
    }

    private void send(Answer answer) {
        ResponseStream stream = newStream(() -> {});
        responseStream = stream;
        boolean lengthless = answer.status() == 204 || answer.status() == 304;
        try {
            writeHead(answer);
            if (!lengthless) {
                response.setContentLength(answer.body().length);
            }
            stream.open(false);
            if (!lengthless
                    && answer.body().length > 0
                    && !clientRequest.method().equals("HEAD")) {
                stream.write(ByteBuffer.wrap(answer.body()), () -> {});
            }
            stream.end();
        } catch (HostFault fault) {
            FailureLog.log(fault);
            stream.refuse();
        } catch (IOException | RuntimeException e) {
            // The client has left, and the container has taken back what belongs to the request.
            stream.clientLeft();
        }
    }

    private void clientLeft() {
        gone = true;
        BodyReader reader = bodyReader;
        if (reader != null && !answered.get()) {
            reader.onError(new IOException("The client has left."));
        }
        ResponseStream stream = responseStream;
        if (stream != null) {
            stream.clientLeft();
        } else {
            runOnGone();
        }
    }

    private void runOnGone() {
        Runnable onGone = onGoneBeforeAnswer.getAndSet(null);
        if (onGone != null && !answered.get()) {
            guarded(onGone);
            endUnanswered();
        }
    }

    /** Without an answer under way nobody else would end the exchange, and its connection would stay for ever. */
    private void endUnanswered() {
        if (answered.compareAndSet(false, true)) {
            newStream(() -> {}).clientLeft();
        }
    }

    private ResponseStream newStream(Runnable onGone) {
        return new ResponseStream(request, response, async, deadlines, writeTimeoutNanos, guard(onGone));
    }

    private void writeHead(Answer head) {
        if (response.isCommitted() && !gone) {
            throw new HostFault("another part of the host had begun the answer; have no filter write or flush after"
                    + " chain.doFilter on the gateway's paths, where the answer comes later.");
        }
        if (response.containsHeader("Content-Length")) {
            throw new HostFault("another part of the host has set the answer's length; have no filter do so on the"
                    + " gateway's paths, where the answer comes after chain.doFilter.");
        }
        response.setStatus(head.status());
        head.headers().forEach(response::setHeader);
        headers.forEach(response::setHeader);
        if (hasBody && !bodyRead && request.getProtocol().startsWith("HTTP/1.")) {
            // What is left of the body must never be read as the next request.
            response.setHeader("Connection", "close");
        }
    }

    private void bodyEnded(Consumer<RequestBody> receiver, RequestBody body) {
        BodyReader reader = bodyReader;
        if (reader != null) {
            deadlines.forget(reader);
            if (reader.foundNothing()) {
                FailureLog.log(
                        "its body was empty, or a filter before the gateway's has read it, as getParameter does with a form;"
                                + " keep the gateway's paths out of such filters.");
            }
        }
        bodyRead = body instanceof RequestBody.Complete;
        deliver(receiver, body);
    }

    private void deliver(Consumer<RequestBody> receiver, RequestBody body) {
        onBlockingThread(() -> receiver.accept(body));
    }

    /**
     * Runs what may wait for a store on a thread that holds nothing: inside a container's callback Tomcat holds the lock
     * of the connection, for which the upstream's threads would have to wait.
     */
    private void onBlockingThread(Runnable work) {
        try {
            if (admissionExecutor == null) {
                async.start(guard(work));
            } else {
                admissionExecutor.execute(guard(work));
            }
        } catch (RuntimeException failure) {
            failed(failure);
        }
    }

    private Runnable guard(Runnable work) {
        return () -> guarded(work);
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error failure) {
            failed(failure);
        }
    }

    /** Denies, or cuts what was already begun. */
    private void failed(Throwable failure) {
        FailureLog.log(failure);
        BodyReader reader = bodyReader;
        if (reader != null) {
            reader.cancel();
            deadlines.forget(reader);
        }
        if (answered.compareAndSet(false, true)) {
            send(ConstantAnswers.internalError(clientRequest));
        } else if (streaming) {
            requireNonNull(responseStream, "responseStream").abort();
        }
    }

    /** What the container has to say about the exchange as a whole. */
    private final class Watch implements AsyncListener {

        @Override
        public void onComplete(AsyncEvent event) {
            BodyReader reader = bodyReader;
            if (reader != null) {
                reader.cancel();
                deadlines.forget(reader);
            }
            ResponseStream stream = responseStream;
            if (stream != null) {
                stream.completed();
            }
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            onError(event);
        }

        @Override
        public void onError(AsyncEvent event) {
            clientLeft();
            endUnanswered();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
