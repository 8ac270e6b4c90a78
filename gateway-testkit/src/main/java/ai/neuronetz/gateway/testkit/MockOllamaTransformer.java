package ai.neuronetz.gateway.testkit;

import static java.util.Objects.requireNonNull;

import com.github.tomakehurst.wiremock.extension.ResponseTransformerV2;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.http.HttpHeader;
import com.github.tomakehurst.wiremock.http.HttpHeaders;
import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.http.Response;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Lets stubs of a WireMock answer as a {@link MockOllama} does, for those who have a WireMock already:
 *
 * <pre>{@code
 * new WireMockServer(options().extensions(new MockOllamaTransformer().reply("Hello")))
 * stubFor(any(anyUrl()).willReturn(aResponse().withTransformers("mock-ollama")))
 * }</pre>
 *
 * <p>WireMock cannot stream by frame: it sends each answer as one whole body, with the right bytes, after the time that the
 * script's pace makes it take. A stall is therefore refused with 501, and a connection that is to break at some point or to
 * close is reset before a byte is sent. WireMock keeps the record of requests. Thread-safe.
 */
public final class MockOllamaTransformer extends AnswerScript<MockOllamaTransformer> implements ResponseTransformerV2 {
    private final String name;
    private final MockModels models = new MockModels();
    private final Scripts scripts = new Scripts();
    private final MockApi api = new MockApi(models, scripts::of);
    private final AtomicLong sequence = new AtomicLong();

    /** One that stubs name {@code mock-ollama}, with the model {@code llama3.2:3b}. */
    public MockOllamaTransformer() {
        this("mock-ollama");
    }

    /** One that stubs name otherwise, so that a WireMock can have several scripts. */
    public MockOllamaTransformer(String name) {
        this.name = requireNonNull(name, "name");
        models("llama3.2:3b");
    }

    /** Replaces the models. Digests and details follow from the names. */
    public MockOllamaTransformer models(String... names) {
        models.set(Stream.of(names).map(MockModel::named).toList());
        return this;
    }

    @Override
    public String getName() {
        return name;
    }

    /** Only where a stub asks for it. */
    @Override
    public boolean applyGlobally() {
        return false;
    }

    @Override
    public Response transform(Response stubbed, ServeEvent event) {
        MockApi.Reply reply = api.reply(received(event.getRequest()));
        if (reply instanceof MockApi.Reply.Fixed fixed) {
            return answer(stubbed, fixed.status(), fixed.type(), WholeBody.of(fixed.body()));
        }
        Answer answer = ((MockApi.Reply.Generated) reply).answer();
        WholeBody body = WholeBody.of(answer);
        String type = body.streamed()
                ? answer.request().route().dialect.streamType()
                : answer.request().route().dialect.wholeType();
        return Response.Builder.like(answer(stubbed, body.status(), type, body))
                .but()
                .incrementInitialDelay(TimeUnit.NANOSECONDS.toMillis(answer.durationNanos()))
                .build();
    }

    private static Response answer(Response stubbed, int status, String type, WholeBody body) {
        Response.Builder answer = Response.Builder.like(stubbed)
                .but()
                .status(status)
                .headers(
                        stubbed.getHeaders() == null
                                ? new HttpHeaders(new HttpHeader("Content-Type", type))
                                : stubbed.getHeaders().plus(new HttpHeader("Content-Type", type)))
                .body(body.bytes());
        return body.breaks() ? answer.fault(Fault.CONNECTION_RESET_BY_PEER).build() : answer.build();
    }

    private ReceivedRequest received(Request request) {
        Map<String, List<String>> headers = new TreeMap<>();
        request.getHeaders()
                .all()
                .forEach(header -> headers.put(header.key().toLowerCase(Locale.ROOT), List.copyOf(header.values())));
        return new ReceivedRequest(
                sequence.incrementAndGet(),
                request.getMethod().getName(),
                request.getUrl(),
                headers,
                request.getBodyAsString(),
                Instant.now(),
                System.nanoTime());
    }

    @Override
    MockOllamaTransformer change(Consumer<Script> change) {
        scripts.change(change);
        return this;
    }
}
