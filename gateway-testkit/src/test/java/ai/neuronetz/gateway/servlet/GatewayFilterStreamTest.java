package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientStream;
import jakarta.servlet.DispatcherType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
@Tag(ServletHost.TAG)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GatewayFilterStreamTest {

    private static final Answer HEAD = Answer.of(200, "application/x-ndjson", new byte[0]);

    private final ServletHost.Kind kind;
    private final AtomicReference<Consumer<ClientExchange>> pipeline = new AtomicReference<>(exchange -> {});
    private final ScheduledExecutorService upstream = Executors.newSingleThreadScheduledExecutor();
    private final BlockingQueue<ClientStream> streams = new LinkedBlockingQueue<>();
    private final AtomicInteger gone = new AtomicInteger();
    private final CompletableFuture<Void> firstGone = new CompletableFuture<>();
    private ServletHost host;

    GatewayFilterStreamTest(ServletHost.Kind kind) {
        this.kind = kind;
        host = start(Duration.ofSeconds(30));
        pipeline.set(exchange -> streams.add(exchange.stream(HEAD, this::gone)));
    }

    @AfterEach
    void stop() {
        upstream.shutdownNow();
        host.close();
    }

    @Test
    void the_head_is_sent_before_there_is_a_frame_and_each_frame_when_it_is_written() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat");
            assertThat(client.head()).contains("Transfer-Encoding: chunked");
            ClientStream stream = next();
            List<Long> arrivals = new ArrayList<>();

            for (int frame = 0; frame < 10; frame++) {
                write(stream, "frame " + frame);
                assertThat(client.chunk()).isEqualTo("frame " + frame);
                arrivals.add(System.nanoTime());
            }
            stream.end();
            stream.end();

            assertThat(client.chunk()).isNull();
            assertThat(arrivals).hasSize(10);
        }
    }

    @Test
    void frames_a_tenth_of_a_second_apart_arrive_a_tenth_of_a_second_apart() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat").head();
            ClientStream stream = next();
            var writing = upstream.scheduleAtFixedRate(
                    () -> stream.write(buffer("frame"), () -> {}), 100, 100, TimeUnit.MILLISECONDS);
            List<Long> gaps = new ArrayList<>();
            client.chunk();
            long last = System.nanoTime();
            for (int frame = 0; frame < 8; frame++) {
                assertThat(client.chunk()).isEqualTo("frame");
                gaps.add((System.nanoTime() - last) / 1_000_000);
                last = System.nanoTime();
            }
            writing.cancel(false);

            assertThat(gaps)
                    .describedAs("milliseconds between frames")
                    .filteredOn(gap -> gap >= 50)
                    .hasSizeGreaterThan(5);
            upstream.submit(stream::end).get();
        }
    }

    @Test
    void the_connection_serves_the_next_request_after_a_stream() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            for (int turn = 0; turn < 50; turn++) {
                client.get("/api/chat");
                ClientStream stream = next();
                stream.write(buffer("one"), () -> stream.write(buffer("two"), stream::end));

                RawClient.Response response = client.response();
                assertThat(response.body()).isEqualTo("onetwo");
                assertThat(response.whole()).isTrue();
            }
        }
        assertThat(gone).hasValue(0);
    }

    @Test
    void an_end_while_a_write_is_pending_comes_after_the_bytes() throws Exception {
        byte[] large = "x".repeat(4 << 20).getBytes(StandardCharsets.US_ASCII);
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat");
            ClientStream stream = next();
            stream.write(ByteBuffer.wrap(large), () -> {});
            stream.end();

            RawClient.Response response = client.response();
            assertThat(response.whole()).isTrue();
            assertThat(response.body()).hasSize(large.length);
        }
    }

    @Test
    void ten_thousand_writes_from_their_callbacks_do_not_recurse() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat");
            ClientStream stream = next();
            AtomicInteger left = new AtomicInteger(10_000);
            stream.write(buffer("."), new Runnable() {
                @Override
                public void run() {
                    if (left.decrementAndGet() == 0) {
                        stream.end();
                    } else {
                        stream.write(buffer("."), this);
                    }
                }
            });

            assertThat(client.response().body()).hasSize(10_000);
        }
    }

    @Test
    void a_thousand_open_streams_need_no_thread_each() throws Exception {
        int count = 1_000;
        List<RawClient> clients = new ArrayList<>();
        int before = Thread.activeCount();
        try {
            for (int number = 0; number < count; number++) {
                RawClient client = new RawClient(host.port());
                clients.add(client);
                client.get("/api/chat");
            }
            List<ClientStream> open = new ArrayList<>();
            for (int number = 0; number < count; number++) {
                open.add(next());
            }
            CountDownLatch written = new CountDownLatch(count);
            open.forEach(stream -> stream.write(buffer("frame"), written::countDown));
            assertThat(written.await(20, TimeUnit.SECONDS)).isTrue();

            assertThat(Thread.activeCount()).isLessThan(before + 2 * ServletHost.THREADS);

            for (RawClient client : clients) {
                client.head();
                assertThat(client.chunk()).isEqualTo("frame");
            }
            open.forEach(ClientStream::end);
            for (RawClient client : clients) {
                assertThat(client.chunk()).isNull();
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void a_reader_that_stops_holds_up_its_own_writes_only_and_counts_as_gone_in_time() throws Exception {
        restart(Duration.ofMillis(600));
        AtomicInteger written = new AtomicInteger();
        try (RawClient slow = new RawClient(host.port(), 4096)) {
            slow.get("/api/chat");
            ClientStream stream = next();
            ByteBuffer frame = ByteBuffer.wrap(new byte[64 << 10]);
            stream.write(frame, new Runnable() {
                @Override
                public void run() {
                    written.incrementAndGet();
                    stream.write(frame.duplicate(), this);
                }
            });

            firstGone.get(10, TimeUnit.SECONDS);

            // Socket buffers of both ends take up to a few megabytes; more would have been kept in memory.
            assertThat(written.get()).isLessThan(200);
            assertThat(brokenEnd(slow)).isTrue();
        }
        assertThat(gone).hasValue(1);
    }

    @Test
    void a_client_that_leaves_is_noticed_at_the_next_writes_and_once() throws Exception {
        RawClient client = new RawClient(host.port());
        client.get("/api/chat").head();
        ClientStream stream = next();
        write(stream, "one");
        client.reset();

        writeUntilGone(stream);
        stream.end();
        stream.abort();
        stream.write(buffer("late"), () -> Assertions.fail("written to nobody"));

        assertThat(gone).hasValue(1);
    }

    @Test
    void a_host_that_sees_the_client_leave_is_believed_without_a_write() throws Exception {
        CompletableFuture<Void> watcher = new CompletableFuture<>();
        CompletableFuture<Void> early = new CompletableFuture<>();
        host.close();
        host = ServletHost.start(
                kind,
                builder(Duration.ofSeconds(30)).build(),
                settings -> settings.attributes = Map.of(GatewayFilter.CLIENT_GONE, watcher));
        pipeline.set(exchange -> {
            exchange.whenGone(() -> early.complete(null));
            if (exchange.request().target().equals("/stream")) {
                streams.add(exchange.stream(HEAD, this::gone));
            }
        });

        try (RawClient waiting = new RawClient(host.port());
                RawClient streaming = new RawClient(host.port())) {
            streaming.get("/stream").head();
            next();
            waiting.get("/waiting");
            await(() -> seen.get() == 2);
            watcher.complete(null);

            firstGone.get(5, TimeUnit.SECONDS);
            early.get(5, TimeUnit.SECONDS);
            // The container gets the exchange back, or each one who leaves would cost a connection for ever.
            waiting.head();
        }
        assertThat(gone).hasValue(1);
    }

    @Test
    void an_abort_shows_as_a_broken_body() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat").head();
            ClientStream stream = next();
            write(stream, "one");
            assertThat(client.chunk()).isEqualTo("one");

            stream.abort();
            stream.abort();

            assertThat(brokenEnd(client)).isTrue();
        }
        assertThat(gone).hasValue(0);
    }

    @Test
    void an_abort_before_the_first_frame_shows_as_a_broken_body() throws Exception {
        pipeline.set(exchange -> exchange.stream(HEAD, this::gone).abort());
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat").head();

            assertThat(brokenEnd(client)).isTrue();
        }
    }

    @Test
    void an_abort_of_a_filter_that_is_not_mapped_for_ASYNC_lets_nothing_else_into_the_body() throws Exception {
        host.close();
        host = ServletHost.start(
                kind,
                builder(Duration.ofSeconds(30)).build(),
                settings -> settings.types = EnumSet.of(DispatcherType.REQUEST));
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat").head();
            next().abort();

            assertThat(client.everything()).isEmpty();
        }
    }

    @Test
    void a_JDK_client_sees_an_abort_as_an_exception_and_an_end_as_an_end() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + host.port() + "/api/chat"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpClient client = HttpClient.newHttpClient();

        var ended = client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        ClientStream first = next();
        first.write(buffer("whole"), first::end);
        assertThat(ended.get(5, TimeUnit.SECONDS).body()).isEqualTo("whole");

        var cut = client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        ClientStream second = next();
        second.write(buffer("half"), second::abort);
        assertThat(cut).failsWithin(Duration.ofSeconds(5));
    }

    @Test
    void a_pipeline_that_fails_after_it_opened_a_stream_cuts_it() throws Exception {
        pipeline.set(exchange -> {
            exchange.stream(HEAD, this::gone);
            throw new IllegalStateException("unforeseen");
        });
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat").head();

            assertThat(brokenEnd(client)).isTrue();
        }
    }

    @Test
    void a_callback_that_fails_cuts_the_stream() throws Exception {
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat").head();
            next().write(buffer("one"), () -> {
                throw new IllegalStateException("unforeseen");
            });

            assertThat(client.chunk()).isEqualTo("one");
            assertThat(brokenEnd(client)).isTrue();
        }
    }

    @Test
    void a_stream_that_is_silent_for_longer_than_the_containers_patience_lives_on() throws Exception {
        host.close();
        host = ServletHost.start(
                kind,
                builder(Duration.ofSeconds(30)).build(),
                settings -> settings.idleTimeout = Duration.ofMillis(200));
        try (RawClient client = new RawClient(host.port())) {
            client.get("/api/chat").head();
            ClientStream stream = next();
            CompletableFuture<Void> later = new CompletableFuture<>();
            upstream.schedule(() -> stream.write(buffer("late"), () -> later.complete(null)), 1, TimeUnit.SECONDS);

            assertThat(client.chunk()).isEqualTo("late");
            later.get(5, TimeUnit.SECONDS);
            stream.end();
            assertThat(client.chunk()).isNull();
        }
        assertThat(gone).hasValue(0);
    }

    private final AtomicInteger seen = new AtomicInteger();

    private GatewayFilter.Builder builder(Duration writeTimeout) {
        return GatewayFilter.builder((ClientExchange exchange) -> {
                    pipeline.get().accept(exchange);
                    seen.incrementAndGet();
                })
                .writeTimeout(writeTimeout);
    }

    private ServletHost start(Duration writeTimeout) {
        return ServletHost.start(kind, builder(writeTimeout).build());
    }

    private void restart(Duration writeTimeout) {
        host.close();
        host = start(writeTimeout);
    }

    private void gone() {
        gone.incrementAndGet();
        firstGone.complete(null);
    }

    private ClientStream next() throws InterruptedException {
        ClientStream stream = streams.poll(10, TimeUnit.SECONDS);
        assertThat(stream).describedAs("stream").isNotNull();
        return stream;
    }

    private void writeUntilGone(ClientStream stream) throws Exception {
        stream.write(buffer("more"), new Runnable() {
            @Override
            public void run() {
                upstream.schedule(() -> stream.write(buffer("more"), this), 5, TimeUnit.MILLISECONDS);
            }
        });
        firstGone.get(10, TimeUnit.SECONDS);
    }

    private static void write(ClientStream stream, String text) throws Exception {
        CompletableFuture<Void> written = new CompletableFuture<>();
        stream.write(buffer(text), () -> written.complete(null));
        written.get(10, TimeUnit.SECONDS);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** Whether the connection ends without the empty chunk that ends a body. */
    private static boolean brokenEnd(RawClient client) {
        try {
            return !client.everything().endsWith("0\r\n\r\n");
        } catch (java.net.SocketTimeoutException stillOpen) {
            return false;
        } catch (java.io.IOException reset) {
            return true;
        }
    }
}
