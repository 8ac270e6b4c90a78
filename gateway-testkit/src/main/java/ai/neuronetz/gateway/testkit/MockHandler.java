package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.Generation.State;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;

/** Reads, records and answers every request that reaches the mock. */
final class MockHandler extends Handler.Abstract.NonBlocking {
    private final MockApi api;
    private final MockRecord mockRecord;
    private final WireMockBridge wireMock;
    private final Pacer pacer;

    MockHandler(MockApi api, MockRecord mockRecord, WireMockBridge wireMock, Pacer pacer) {
        this.api = api;
        this.mockRecord = mockRecord;
        this.wireMock = wireMock;
        this.pacer = pacer;
    }

    /** One request and where its answer goes. */
    private record Hop(Request request, Response response, Callback callback, ReceivedRequest received) {
        void send(MockApi.Reply.Fixed reply) {
            response.setStatus(reply.status());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, reply.type());
            byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
            boolean head = received.method().equals("HEAD");
            response.write(true, ByteBuffer.wrap(head ? new byte[0] : bytes), callback);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        // Of the ways to read a body the one that Jetty 12.0, which Spring Boot 3 brings, has too.
        Content.Source.asByteBuffer(request, new Promise<>() {
            @Override
            public void succeeded(ByteBuffer body) {
                try {
                    complete(request, response, callback, BufferUtil.toArray(body));
                } catch (RuntimeException e) {
                    callback.failed(e);
                }
            }

            @Override
            public void failed(Throwable failure) {
                callback.failed(failure);
            }
        });
        return true;
    }

    private void complete(Request request, Response response, Callback callback, byte[] body) {
        ReceivedRequest received = mockRecord.add(
                request.getMethod(),
                request.getHttpURI().getPathQuery(),
                headers(request),
                new String(body, StandardCharsets.UTF_8));
        Hop hop = new Hop(request, response, callback, received);
        wireMock.answer(received, request, response, callback, () -> answer(hop));
    }

    private static Map<String, List<String>> headers(Request request) {
        return request.getHeaders().stream()
                .collect(Collectors.groupingBy(
                        field -> field.getName().toLowerCase(Locale.ROOT),
                        TreeMap::new,
                        Collectors.mapping(field -> String.valueOf(field.getValue()), Collectors.toList())));
    }

    private void answer(Hop hop) {
        MockApi.Reply reply = api.reply(hop.received());
        if (reply instanceof MockApi.Reply.Fixed fixed) {
            hop.send(fixed);
        } else {
            generate(hop, ((MockApi.Reply.Generated) reply).answer());
        }
    }

    private void generate(Hop hop, Answer answer) {
        InferenceRequest request = answer.request();
        LiveGeneration generation = mockRecord.open(hop.received(), request.model(), request.promptTokens());
        try {
            if (answer.streamed()) {
                Dialect dialect = request.route().dialect;
                hop.response().getHeaders().put(HttpHeader.CONTENT_TYPE, dialect.streamType());
                if (request.route() == Route.MESSAGES) {
                    hop.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
                }
                new AnswerStream(
                                hop.request(),
                                hop.response(),
                                hop.callback(),
                                pacer,
                                generation,
                                answer.script(),
                                dialect,
                                dialect.frames(answer))
                        .iterate();
            } else {
                new WholeAnswer(hop.request(), hop.response(), hop.callback(), generation, answer).start(pacer);
            }
        } catch (RuntimeException e) {
            generation.end(State.FAILED);
            throw e;
        }
    }
}
