package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.neuronetz.gateway.servlet.AllowedOrigins;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that hold what they can for as long as they can, beside one that only wants its answer. */
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SlowClientsAcceptanceTest {

    private static final int SLOW_HEADS = 1000;
    private static final int SLOW_BODIES = 900;
    private static final int SLOW_READERS = 100;
    private static final String CHAT =
            "{\"model\":\"llama3.2:3b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    private static final ClientLimits LIMITS =
            new ClientLimits(5000, Duration.ofSeconds(6), Duration.ofSeconds(6), Duration.ofSeconds(6));

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** One that sends a byte now and then, or never reads. */
    private record Slow(SocketChannel channel, boolean reads) implements AutoCloseable {

        static Slow open(int port, String beginning, boolean reads) throws IOException {
            SocketChannel channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.write(ByteBuffer.wrap(beginning.getBytes(StandardCharsets.US_ASCII)));
            channel.configureBlocking(false);
            return new Slow(channel, reads);
        }

        /** Whether the server has not closed it yet. */
        boolean goOn() {
            try {
                return channel.read(ByteBuffer.allocate(1024)) >= 0
                        && channel.write(ByteBuffer.wrap(new byte[] {'a'})) >= 0;
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void two_thousand_slow_clients_do_not_keep_anybody_else_from_an_answer_and_are_cut_in_the_end() throws Exception {
        List<Slow> slow = new ArrayList<>();
        try (TestGateway gateway = TestGateway.start();
                GatewayServer server = serve(gateway, LIMITS)) {
            String key = gateway.tenant().key().secret();
            gateway.ollama().replyTokens(5);
            assertThat(chat(server, key)).isEqualTo(200);
            String head = "POST /api/chat HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + key + "\r\n";
            open(slow, SLOW_HEADS, server, head + "X: ", true);
            open(slow, SLOW_BODIES, server, head + "Content-Length: 1000\r\n\r\n{\"x\":\"", true);
            open(slow, SLOW_READERS, server, head + "Content-Length: " + CHAT.length() + "\r\n\r\n" + CHAT, false);

            long end = System.nanoTime() + LIMITS.header().toNanos();
            int answered = 0;
            while (System.nanoTime() < end) {
                assertThat(get(server, "/livez")).isEqualTo(200);
                assertThat(chat(server, key)).isEqualTo(200);
                answered++;
                slow.stream().filter(Slow::reads).forEach(Slow::goOn);
            }
            assertThat(answered).isPositive();

            awaitCut(slow.stream().filter(Slow::reads).toList());
        } finally {
            for (Slow client : slow) {
                client.close();
            }
        }
    }

    @Test
    void a_head_that_trickles_is_cut_after_its_time_also_on_a_connection_that_has_served() throws Exception {
        try (TestGateway gateway = TestGateway.start();
                GatewayServer server = serve(
                        gateway,
                        new ClientLimits(10, Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofSeconds(30)));
                Slow first = Slow.open(server.port(), "GET /livez HT", true);
                Slow later = Slow.open(server.port(), "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n", true)) {
            // Nothing but rest between requests is no head, however long it takes.
            awaitCut(List.of(first));
            assertThat(later.channel().read(ByteBuffer.allocate(1024))).isPositive();
            assertThat(later.goOn()).isTrue();
            awaitCut(List.of(later));
        }
    }

    @Test
    void a_connection_over_the_cap_waits_until_another_closes() throws Exception {
        try (TestGateway gateway = TestGateway.start();
                GatewayServer server = serve(
                        gateway,
                        new ClientLimits(2, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30)));
                Slow resting = Slow.open(server.port(), "GET ", true);
                SocketChannel leaving = Slow.open(server.port(), "GET ", true).channel();
                Socket third = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            third.getOutputStream()
                    .write("GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            third.setSoTimeout(300);
            assertThat(catchThrowable(() -> third.getInputStream().read())).isInstanceOf(SocketTimeoutException.class);

            leaving.socket().close();
            third.setSoTimeout(20_000);

            assertThat(new String(third.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200");
            assertThat(resting.goOn()).isTrue();
        }
    }

    private static GatewayServer serve(TestGateway gateway, ClientLimits limits) throws IOException {
        GatewayFilter filter = GatewayFilter.builder(gateway.replica(0).pipeline())
                .bodyTimeout(limits.body())
                .writeTimeout(limits.write())
                .corsAllowedOrigins(AllowedOrigins.NONE)
                .build();
        GatewayServer server = new GatewayServer("127.0.0.1", 0, filter, limits);
        server.start();
        return server;
    }

    private static void open(List<Slow> slow, int count, GatewayServer server, String beginning, boolean reads)
            throws IOException {
        for (int opened = 0; opened < count; opened++) {
            slow.add(Slow.open(server.port(), beginning, reads));
        }
    }

    /** Tries again while a store is too slow to decide on a busy machine, as clients are told to. */
    private int chat(GatewayServer server, String key) throws IOException, InterruptedException {
        HttpRequest request = request(server, "/api/chat")
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(CHAT))
                .build();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        int status;
        do {
            status = http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
        } while (status == 503 && System.nanoTime() < deadline);
        return status;
    }

    private int get(GatewayServer server, String path) throws IOException, InterruptedException {
        return http.send(request(server, path).build(), HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private static HttpRequest.Builder request(GatewayServer server, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static void awaitCut(List<Slow> clients) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        long open = clients.size();
        while (open > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            open = clients.stream().filter(Slow::goOn).count();
        }
        assertThat(open).describedAs("still open").isZero();
    }
}
