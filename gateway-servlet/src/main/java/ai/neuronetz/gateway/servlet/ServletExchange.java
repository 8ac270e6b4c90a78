package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.ClientStream;
import ai.neuronetz.gateway.exchange.RequestBody;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request of the container's, as the pipeline sees it. */
final class ServletExchange implements ClientExchange {

    private static final Logger LOG = LoggerFactory.getLogger(ServletExchange.class);
    private static final Answer UNFORESEEN = Answer.json(
                    503, "{\"error\":\"The request could not be checked and was therefore denied.\"}")
            .with("Cache-Control", "no-store");

    private final AsyncContext async;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final ClientRequest head;
    private final Deadlines deadlines;
    private final AtomicBoolean answered = new AtomicBoolean();

    ServletExchange(
            AsyncContext async,
            HttpServletRequest request,
            HttpServletResponse response,
            ClientRequest head,
            Deadlines deadlines) {
        this.async = async;
        this.request = request;
        this.response = response;
        this.head = head;
        this.deadlines = deadlines;
    }

    @Override
    public ClientRequest request() {
        return head;
    }

    @Override
    public void readBody(int maxBytes, Consumer<RequestBody> receiver) {
        if (request.getContentLengthLong() > maxBytes) {
            receiver.accept(new RequestBody.TooLarge());
            return;
        }
        try {
            new BodyReader(request.getInputStream(), maxBytes, receiver, deadlines).start();
        } catch (IOException e) {
            receiver.accept(new RequestBody.Broken());
        }
    }

    @Override
    public void answer(Answer answer) {
        byte[] body = answer.body();
        boolean bodiless = body.length == 0 || request.getMethod().equals("HEAD");
        response.setContentLength(body.length);
        ClientStream stream = stream(answer, () -> {});
        if (bodiless) {
            stream.end();
        } else {
            stream.write(ByteBuffer.wrap(body), stream::end);
        }
    }

    @Override
    public ClientStream stream(Answer answer, Runnable onGone) {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("this exchange was answered before");
        }
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        ServletClientStream stream = new ServletClientStream(async, deadlines, onGone);
        whenGone(stream::gone);
        try {
            stream.start(response.getOutputStream());
        } catch (IOException | IllegalStateException e) {
            stream.gone();
        }
        return stream;
    }

    @Override
    public void whenGone(Runnable onGone) {
        if (request.getAttribute(GatewayFilter.CLIENT_GONE) instanceof CompletionStage<?> gone) {
            gone.whenComplete((nothing, failure) -> onGone.run());
        }
    }

    /** What escaped the pipeline; never an error page of the container's, which might tell more. */
    void failed(Throwable cause) {
        LOG.error("a request was denied: the pipeline failed", cause);
        if (!answered.get()) {
            answer(UNFORESEEN);
        }
    }
}
