package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.servlet.GatewayFilter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ClientGoneWatchTest {

    private static final String HEAD = " HTTP/1.1\r\nHost: h\r\n";

    private final BlockingQueue<Callback> waiting = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> gone = new LinkedBlockingQueue<>();
    private final Server server = new Server(new QueuedThreadPool(16));
    private ServerConnector connector;

    @BeforeEach
    void start() throws Exception {
        connector = new ServerConnector(server, 1, 1, ClientGoneWatch.connectionFactory(new HttpConfiguration()));
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(500);
        server.addConnector(connector);
        server.setHandler(new Waiting());
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        waiting.forEach(Callback::succeeded);
        server.stop();
    }

    @Test
    void a_client_that_leaves_while_nothing_is_written_is_noticed_at_once() throws Exception {
        for (int turn = 0; turn < 20; turn++) {
            Socket socket = open();
            send(socket, "GET /wait" + HEAD + "\r\n");
            Callback callback = waiting.poll(5, TimeUnit.SECONDS);
            long left = System.nanoTime();
            if (turn % 2 == 0) {
                socket.setSoLinger(true, 0);
            }
            socket.close();

            Long noticed = gone.poll(5, TimeUnit.SECONDS);
            assertThat(noticed).isNotNull();
            assertThat((noticed - left) / 1_000_000).describedAs("milliseconds").isLessThan(200);
            callback.succeeded();
        }
    }

    @Test
    void a_client_that_waits_longer_than_the_idle_time_is_not_taken_for_gone_and_still_watched() throws Exception {
        try (Socket socket = open()) {
            send(socket, "GET /wait" + HEAD + "\r\n");
            waiting.put(waiting.take());

            assertThat(gone.poll(1600, TimeUnit.MILLISECONDS)).isNull();
        }
        assertThat(gone.poll(5, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void two_thousand_requests_on_one_connection_are_served() throws Exception {
        try (Socket socket = open()) {
            for (int turn = 0; turn < 2_000; turn++) {
                send(socket, "GET /" + turn + HEAD + "\r\n");
                assertThat(answer(socket)).isEqualTo("/" + turn);
            }
        }
        assertThat(gone).isEmpty();
    }

    @Test
    void requests_sent_in_advance_are_served_in_order_also_beyond_what_is_read_ahead() throws Exception {
        int count = 800;
        StringBuilder all = new StringBuilder();
        for (int turn = 0; turn < count; turn++) {
            all.append("GET /later").append(HEAD).append("\r\n");
            all.append("POST /echo").append(HEAD).append("Content-Length: 5\r\n\r\nhello");
        }
        assertThat(all.length()).isGreaterThan(3 * ClientGoneWatch.MAX_AHEAD);

        try (Socket socket = open()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    send(socket, all.toString());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            for (int turn = 0; turn < count; turn++) {
                assertThat(answer(socket)).isEqualTo("/later");
                assertThat(answer(socket)).isEqualTo("hello");
            }
            sending.get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void bodies_that_come_in_pieces_arrive_whole() throws Exception {
        try (Socket socket = open()) {
            send(socket, "POST /echo" + HEAD + "Content-Length: 6\r\n\r\n");
            for (String piece : "a b c d e f".split(" ")) {
                pause();
                send(socket, piece);
            }
            assertThat(answer(socket)).isEqualTo("abcdef");

            send(socket, "POST /echo" + HEAD + "Transfer-Encoding: chunked\r\n\r\n");
            for (String piece : new String[] {"3\r", "\nabc\r\n", "2\r\nde", "\r\n0\r\n", "\r\n"}) {
                pause();
                send(socket, piece);
            }
            assertThat(answer(socket)).isEqualTo("abcde");

            String large = "x".repeat(500_000);
            send(socket, "POST /echo" + HEAD + "Content-Length: 500000\r\n\r\n" + large);
            assertThat(answer(socket)).isEqualTo(large);
        }
    }

    /** Echoes a body, answers some requests later, and some never. */
    private final class Waiting extends Handler.Abstract {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            CompletionStage<?> stage = (CompletionStage<?>) request.getAttribute(GatewayFilter.CLIENT_GONE);
            String path = Request.getPathInContext(request);
            switch (path) {
                case "/wait" -> {
                    stage.whenComplete((value, failure) -> gone.add(System.nanoTime()));
                    waiting.add(callback);
                }
                case "/later" ->
                    CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS)
                            .execute(() -> answer(response, path, callback));
                case "/echo" ->
                    Content.Source.asString(
                            request,
                            StandardCharsets.US_ASCII,
                            Promise.from(body -> answer(response, body, callback), callback::failed));
                default -> answer(response, path, callback);
            }
            return true;
        }

        private void answer(Response response, String body, Callback callback) {
            response.getHeaders().put("Content-Length", body.length());
            Content.Sink.write(response, true, body, callback);
        }
    }

    private Socket open() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private void pause() throws InterruptedException {
        assertThat(gone.poll(20, TimeUnit.MILLISECONDS)).isNull();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String answer(Socket socket) throws IOException {
        InputStream input = socket.getInputStream();
        int length = 0;
        for (String line = line(input); !line.isEmpty(); line = line(input)) {
            if (line.startsWith("Content-Length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        return new String(input.readNBytes(length), StandardCharsets.US_ASCII);
    }

    private static String line(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new EOFException("The server closed the connection.");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }
}
