package ai.neuronetz.gateway.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.upstream.ScriptedServer.Peer;
import ai.neuronetz.gateway.upstream.ScriptedServer.Received;
import ai.neuronetz.gateway.upstream.ScriptedServer.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HttpUpstreamTest {

    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String HEAD_SEEN = "head 200 application/x-ndjson";
    private static final String LAST_CHUNK = "0\r\n\r\n";
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final TestMeter meter = new TestMeter();
    private final CountDownLatch over = new CountDownLatch(1);
    private AutoCloseable server = () -> {};
    private AutoCloseable client = () -> {};

    @AfterEach
    void close() throws Exception {
        over.countDown();
        client.close();
        server.close();
    }

    @Test
    void a_request_has_the_endpoints_path_the_built_headers_and_the_grants_body_and_nothing_else() throws Exception {
        ScriptedServer ollama = serving(HttpUpstreamTest::answerWhole);
        String body = "{\"model\":\"llama3:8b\",\"messages\":[{\"role\":\"user\",\"content\":\"grüße\"}]}";

        Reservation reservation = meter.reservation(body);
        RecordedAnswer answer = new RecordedAnswer();

        upstream(ollama.uri(), timeouts()).send(reservation, answer);
        await(answer::ended);

        assertThat(answer.events()).containsExactly(HEAD_SEEN, "end");
        Received request = ollama.received().get(0);
        assertThat(request.head().get(0)).isEqualTo("POST /api/chat HTTP/1.1");
        assertThat(request.head().subList(1, request.head().size()))
                .containsExactlyInAnyOrder(
                        "Host: " + ollama.uri().getAuthority(),
                        "Content-Type: application/json",
                        "Accept: */*",
                        "User-Agent: neuronetz-gateway",
                        "X-Request-ID: " + reservation.requestId(),
                        "Content-Length: " + body.getBytes(UTF_8).length);
        assertThat(request.body()).isEqualTo(body);
    }

    @Test
    void a_reservation_is_sent_once() throws Exception {
        ScriptedServer ollama = serving(HttpUpstreamTest::answerWhole);
        Upstream upstream = upstream(ollama.uri(), timeouts());
        Reservation reservation = meter.reservation("{}");
        RecordedAnswer first = new RecordedAnswer();
        upstream.send(reservation, first);
        await(first::ended);

        assertThatThrownBy(() -> upstream.send(reservation, new RecordedAnswer()))
                .isInstanceOf(IllegalStateException.class);

        client.close();
        assertThat(ollama.received()).hasSize(1);
    }

    @Test
    void a_call_that_is_cancelled_before_the_answer_closes_its_connection_within_a_second() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> {});
        RecordedAnswer answer = new RecordedAnswer();
        UpstreamCall call = upstream(ollama.uri(), timeouts()).send(meter.reservation("{}"), answer);
        await(() -> ollama.received().size() == 1);

        call.cancel();

        await(() -> ollama.closed() == 1, Duration.ofSeconds(1));
        assertThat(answer.events()).isEmpty();
    }

    @Test
    void a_stream_that_is_cancelled_on_a_reused_connection_closes_it_within_a_second() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> {
            if (request.body().equals("whole")) {
                answerWhole(request, peer);
            } else {
                peer.write(HEAD);
                peer.chunk("first");
            }
        });
        Upstream upstream = upstream(ollama.uri(), timeouts());
        answered(upstream, "whole");
        RecordedAnswer answer = new RecordedAnswer();
        UpstreamCall call = upstream.send(meter.reservation("stream"), answer);
        await(() -> answer.length() == 5);
        assertThat(ollama.received()).extracting(Received::connection).containsExactly(1, 1);

        call.cancel();
        call.cancel();

        await(() -> ollama.closed() == 1, Duration.ofSeconds(1));
        assertThat(answer.events()).containsExactly(HEAD_SEEN);
    }

    @Test
    void a_paused_stream_that_is_cancelled_closes_its_connection_within_a_second() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> streamEndlessly(peer));
        RecordedAnswer answer = RecordedAnswer.paused();
        UpstreamCall call = upstream(ollama.uri(), timeouts()).send(meter.reservation("{}"), answer);
        awaitStalled(ollama);

        call.cancel();

        await(() -> ollama.closed() == 1, Duration.ofSeconds(1));
        assertThat(answer.events()).containsExactly(HEAD_SEEN);
    }

    @Test
    void without_a_listener_ollama_is_unreachable() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        RecordedAnswer answer = answered(upstream(URI.create("http://127.0.0.1:" + free), timeouts()), "{}");

        assertThat(answer.events()).containsExactly("UNREACHABLE");
    }

    @Test
    void a_call_that_gets_no_connection_in_time_is_unreachable_and_was_not_sent() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> {});
        Upstream upstream = Upstream.http(ollama.uri(), 1, new Timeouts(SHORT, LONG, LONG, LONG));
        client = upstream;
        upstream.send(meter.reservation("first"), new RecordedAnswer());
        await(() -> ollama.received().size() == 1);

        RecordedAnswer second = answered(upstream, "second");

        assertThat(second.events()).containsExactly("UNREACHABLE");
        client.close();
        assertThat(ollama.received()).hasSize(1);
    }

    @Test
    void no_head_in_time_is_a_timeout_and_closes_the_connection() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> {});

        RecordedAnswer answer = answered(upstream(ollama.uri(), new Timeouts(LONG, SHORT, LONG, LONG)), "{}");

        assertThat(answer.events()).containsExactly("TIMEOUT");
        await(() -> ollama.closed() == 1);
    }

    @Test
    void silence_within_an_answer_is_a_timeout_and_closes_the_connection() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> {
            peer.write(HEAD);
            peer.chunk("first");
        });

        RecordedAnswer answer = answered(upstream(ollama.uri(), new Timeouts(LONG, LONG, SHORT, LONG)), "{}");

        assertThat(answer.events()).containsExactly(HEAD_SEEN, "TIMEOUT");
        await(() -> ollama.closed() == 1);
    }

    @Test
    void an_answer_that_goes_on_for_too_long_is_a_timeout_although_it_is_never_silent() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> {
            peer.write(HEAD);
            while (!waited(Duration.ofMillis(20))) {
                peer.chunk("more");
            }
        });

        RecordedAnswer answer =
                answered(upstream(ollama.uri(), new Timeouts(LONG, LONG, LONG, Duration.ofMillis(600))), "{}");

        assertThat(answer.events()).containsExactly(HEAD_SEEN, "TIMEOUT");
        assertThat(answer.length()).isPositive();
        await(() -> ollama.closed() == 1);
    }

    @Test
    void a_redirect_is_told_and_not_followed() throws Exception {
        ScriptedServer elsewhere = new ScriptedServer(HttpUpstreamTest::answerWhole);
        try (elsewhere) {
            ScriptedServer ollama = serving((request, peer) -> peer.write(
                    "HTTP/1.1 302 Found\r\nLocation: " + elsewhere.uri() + "/\r\nContent-Length: 0\r\n\r\n"));

            RecordedAnswer answer = answered(upstream(ollama.uri(), timeouts()), "{}");

            assertThat(answer.events()).containsExactly("head 302 ", "end");
            client.close();
            assertThat(ollama.received()).hasSize(1);
            assertThat(elsewhere.received()).isEmpty();
        }
    }

    @Test
    void a_reset_is_broken_and_not_tried_again() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> peer.reset());

        RecordedAnswer answer = answered(upstream(ollama.uri(), timeouts()), "{}");

        assertThat(answer.events()).containsExactly("BROKEN");
        client.close();
        assertThat(ollama.received()).hasSize(1);
    }

    @Test
    void a_reset_on_a_reused_connection_is_broken_and_not_tried_again() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> {
            if (request.body().equals("whole")) {
                answerWhole(request, peer);
            } else {
                peer.reset();
            }
        });
        Upstream upstream = upstream(ollama.uri(), timeouts());
        answered(upstream, "whole");

        RecordedAnswer answer = answered(upstream, "reset");

        assertThat(answer.events()).containsExactly("BROKEN");
        client.close();
        assertThat(ollama.received()).extracting(Received::body).containsExactly("whole", "reset");
        assertThat(ollama.received()).extracting(Received::connection).containsExactly(1, 1);
    }

    @Test
    void an_answer_that_breaks_off_in_the_middle_is_broken_and_has_no_end() throws Exception {
        RecordedAnswer answer = new RecordedAnswer();
        ScriptedServer ollama = serving((request, peer) -> {
            peer.write(HEAD);
            peer.chunk("first");
            await(() -> answer.length() > 0);
            throw new IOException("enough");
        });

        upstream(ollama.uri(), timeouts()).send(meter.reservation("{}"), answer);

        await(answer::ended);
        assertThat(answer.events()).containsExactly(HEAD_SEEN, "BROKEN");
        assertThat(new String(answer.bytes(), UTF_8)).isEqualTo("first");
    }

    @Test
    void what_is_no_http_is_broken() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> peer.write("SSH-2.0-OpenSSH_9.6\r\n\r\n"));

        RecordedAnswer answer =
                answered(upstream(ollama.uri(), new Timeouts(LONG, Duration.ofSeconds(5), LONG, LONG)), "{}");

        assertThat(answer.events()).containsExactly("BROKEN");
    }

    @Test
    void a_receiver_that_asks_for_no_more_is_sent_a_bounded_amount_of_an_endless_answer() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> streamEndlessly(peer));
        RecordedAnswer answer = RecordedAnswer.paused();
        upstream(ollama.uri(), timeouts()).send(meter.reservation("{}"), answer);

        awaitStalled(ollama);

        assertThat(answer.length()).isPositive().isLessThan(256 * 1024);
        assertThat(answer.events()).containsExactly(HEAD_SEEN);
    }

    @Test
    void a_paused_stream_goes_on_with_every_byte() throws Exception {
        int chunks = 4096;
        ScriptedServer ollama = serving((request, peer) -> {
            stream(peer, chunks);
            peer.write(LAST_CHUNK);
        });
        RecordedAnswer answer = RecordedAnswer.paused();
        upstream(ollama.uri(), timeouts()).send(meter.reservation("{}"), answer);
        awaitStalled(ollama);
        assertThat(answer.ended()).isFalse();

        answer.resume();

        await(answer::ended);
        assertThat(answer.events()).containsExactly(HEAD_SEEN, "end");
        Random same = new Random(1);
        byte[] expected = new byte[chunks * 1024];
        for (int chunk = 0; chunk < chunks; chunk++) {
            System.arraycopy(chunk(same), 0, expected, chunk * 1024, 1024);
        }
        assertThat(answer.bytes()).isEqualTo(expected);
    }

    @Test
    void close_cuts_what_is_open() throws Exception {
        ScriptedServer ollama = serving((request, peer) -> {
            if (request.body().equals("stream")) {
                peer.write(HEAD);
                peer.chunk("first");
            }
        });
        Upstream upstream = upstream(ollama.uri(), timeouts());
        RecordedAnswer stream = new RecordedAnswer();
        upstream.send(meter.reservation("stream"), stream);
        upstream.send(meter.reservation("waiting"), new RecordedAnswer());
        await(() -> stream.length() == 5 && ollama.received().size() == 2);

        upstream.close();

        await(() -> ollama.closed() == 2, Duration.ofSeconds(1));
    }

    private ScriptedServer serving(Script script) throws IOException {
        ScriptedServer started = new ScriptedServer(script);
        server = started;
        return started;
    }

    private Upstream upstream(URI ollama, Timeouts timeouts) {
        Upstream upstream = Upstream.http(ollama, 4, timeouts);
        client = upstream;
        return upstream;
    }

    private static Timeouts timeouts() {
        return new Timeouts(LONG, LONG, LONG, LONG);
    }

    /** Sends and waits for the end, whichever it is. */
    private RecordedAnswer answered(Upstream upstream, String body) {
        RecordedAnswer answer = new RecordedAnswer();
        upstream.send(meter.reservation(body), answer);
        await(answer::ended);
        return answer;
    }

    private static void answerWhole(Received request, Peer peer) throws IOException {
        peer.write(HEAD);
        peer.chunk("{\"done\":true}\n");
        peer.write(LAST_CHUNK);
    }

    private static void stream(Peer peer, int chunks) throws IOException {
        peer.write(HEAD);
        Random random = new Random(1);
        for (int sent = 0; sent < chunks; sent++) {
            peer.chunk(chunk(random));
        }
    }

    /** Many chunks in each write, so that the socket always has more for whoever reads on. */
    private static void streamEndlessly(Peer peer) throws IOException {
        peer.write(HEAD);
        byte[] chunks = ("400\r\n" + "x".repeat(1024) + "\r\n").repeat(1024).getBytes(UTF_8);
        while (true) {
            peer.write(chunks);
        }
    }

    private static byte[] chunk(Random random) {
        byte[] chunk = new byte[1024];
        random.nextBytes(chunk);
        return chunk;
    }

    /** Whether the test ended during the wait. */
    private boolean waited(Duration duration) throws IOException {
        try {
            return over.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    /** Until the server has been able to write nothing for a third of a second. */
    private static void awaitStalled(ScriptedServer server) {
        long[] seen = {0, System.nanoTime()};
        await(() -> {
            long written = server.written();
            if (written != seen[0] || written == 0) {
                seen[0] = written;
                seen[1] = System.nanoTime();
            }
            return System.nanoTime() - seen[1] > Duration.ofMillis(333).toNanos();
        });
    }

    private static void await(BooleanSupplier condition) {
        await(condition, PATIENCE);
    }

    private static void await(BooleanSupplier condition, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not within " + limit).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
