package ai.neuronetz.gateway.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A stream whose length is known: to the client it is an ordinary answer. */
@ParameterizedClass
@EnumSource(ServletHost.Kind.class)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GatewayFilterLengthTest {

    private static final int SLICE = 64 * 1024;
    private static final int SLICES = 256;

    private final AtomicReference<Consumer<ClientExchange>> pipeline = new AtomicReference<>(exchange -> {});
    private final AtomicInteger written = new AtomicInteger();
    private final CompletableFuture<Void> allWritten = new CompletableFuture<>();
    private final ServletHost host;

    GatewayFilterLengthTest(ServletHost.Kind kind) {
        host = ServletHost.start(
                kind,
                GatewayFilter.builder(
                                (ClientExchange exchange) -> pipeline.get().accept(exchange))
                        .build());
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void it_is_on_the_wire_what_an_answer_in_one_piece_is_and_the_connection_goes_on() throws Exception {
        byte[] body = "{\"a\":\"\u00e9\"}".getBytes(UTF_8);
        Answer whole = Answer.of(200, "application/json; charset=utf-8", body).with("X-Request-ID", "7");

        try (RawClient client = new RawClient(host.port())) {
            pipeline.set(exchange -> exchange.answer(whole));
            RawClient.Response one = client.get("/api/chat").response();
            pipeline.set(exchange -> {
                ClientStream stream = exchange.stream(head(body.length).with("X-Request-ID", "7"), () -> {});
                stream.write(ByteBuffer.wrap(body), stream::end);
            });
            RawClient.Response other = client.get("/api/chat").response();

            assertThat(other.statusLine()).isEqualTo(one.statusLine());
            assertThat(undated(other)).containsExactlyInAnyOrderElementsOf(undated(one));
            assertThat(other.body()).isEqualTo(one.body());
            assertThat(client.get("/api/chat").response().body()).isEqualTo(one.body());
        }
    }

    @Test
    void a_slice_leaves_only_when_the_client_has_room_for_it() throws Exception {
        pipeline.set(exchange -> writeNext(exchange.stream(head(SLICE * SLICES), () -> {})));

        try (RawClient client = new RawClient(host.port(), SLICE)) {
            client.get("/api/embed");
            client.head();
            assertThat(allWritten).isNotDone();
            assertThat(written).hasValueLessThan(SLICES);

            assertThat(client.body(SLICE * SLICES)).isEqualTo("x".repeat(SLICE * SLICES));
            allWritten.get(10, TimeUnit.SECONDS);
            assertThat(written).hasValue(SLICES);
        }
    }

    @Test
    void an_abort_between_two_slices_shows_as_a_broken_body() throws Exception {
        pipeline.set(exchange -> {
            ClientStream stream = exchange.stream(head(2 * SLICE), () -> {});
            stream.write(slice(), stream::abort);
        });

        try (RawClient client = new RawClient(host.port())) {
            assertThat(client.get("/api/embed").response().whole()).isFalse();
        }
    }

    @Test
    void an_abort_before_the_first_slice_shows_as_a_broken_body() throws Exception {
        pipeline.set(exchange -> exchange.stream(head(SLICE), () -> {}).abort());

        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/embed");
            assertThat(client.closedAfterAnswer()).isTrue();
        }
    }

    private void writeNext(ClientStream stream) {
        stream.write(slice(), () -> {
            if (written.incrementAndGet() < SLICES) {
                writeNext(stream);
            } else {
                stream.end();
                allWritten.complete(null);
            }
        });
    }

    private static ByteBuffer slice() {
        return ByteBuffer.wrap("x".repeat(SLICE).getBytes(UTF_8));
    }

    private static Answer head(int length) {
        return Answer.of(200, "application/json; charset=utf-8", new byte[0])
                .with("Content-Length", Integer.toString(length));
    }

    private static List<String> undated(RawClient.Response response) {
        return response.headers().stream()
                .filter(line -> !line.startsWith("Date:"))
                .toList();
    }
}
