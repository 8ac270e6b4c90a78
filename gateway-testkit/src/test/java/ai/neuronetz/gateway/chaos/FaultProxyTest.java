package ai.neuronetz.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FaultProxyTest {

    private final EchoServer server = new EchoServer();
    private final FaultProxy proxy = new FaultProxy(server.port());

    @AfterEach
    void stop() {
        proxy.close();
        server.close();
    }

    @Test
    void passes_in_both_directions() throws IOException {
        try (Socket client = connect()) {
            assertThat(echo(client, 7)).isEqualTo(7);
            assertThat(echo(client, 8)).isEqualTo(8);
        }
    }

    @Test
    void frozen_it_keeps_connections_and_forwards_nothing_until_it_passes_again() throws IOException {
        try (Socket client = connect()) {
            assertThat(echo(client, 1)).isEqualTo(1);

            proxy.freeze();
            assertThatThrownBy(() -> echo(client, 2)).isInstanceOf(SocketTimeoutException.class);
            assertThat(server.received).containsExactly(1);
            try (Socket late = connect()) {
                assertThatThrownBy(() -> echo(late, 3)).isInstanceOf(SocketTimeoutException.class);

                proxy.pass();
                assertThat(client.getInputStream().read()).isEqualTo(2);
                assertThat(late.getInputStream().read()).isEqualTo(3);
            }
        }
    }

    @Test
    void a_reset_breaks_what_is_open_and_nothing_else() throws IOException {
        try (Socket client = connect()) {
            assertThat(echo(client, 1)).isEqualTo(1);

            proxy.reset();

            assertThatThrownBy(() -> echo(client, 2)).isInstanceOf(IOException.class);
        }
        try (Socket next = connect()) {
            assertThat(echo(next, 3)).isEqualTo(3);
        }
    }

    @Test
    void refusing_breaks_what_is_open_and_lets_nobody_in_until_it_passes_again() throws IOException {
        try (Socket client = connect()) {
            assertThat(echo(client, 1)).isEqualTo(1);

            proxy.refuse();

            assertThatThrownBy(() -> echo(client, 2)).isInstanceOf(IOException.class);
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        }
        proxy.pass();
        try (Socket next = connect()) {
            assertThat(echo(next, 3)).isEqualTo(3);
        }
    }

    @Test
    void of_a_lost_answer_the_request_arrives_and_the_connection_is_reset() throws IOException {
        try (Socket client = connect()) {
            assertThat(echo(client, 1)).isEqualTo(1);

            proxy.loseNextAnswer();

            assertThatThrownBy(() -> echo(client, 2))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
            assertThat(server.received).containsExactly(1, 2);
            assertThat(proxy.answersLost()).isTrue();
        }
        try (Socket next = connect()) {
            assertThat(echo(next, 3)).isEqualTo(3);
        }
    }

    @Test
    void with_another_target_it_breaks_what_is_open_and_connects_there() throws IOException {
        try (EchoServer other = new EchoServer();
                Socket client = connect()) {
            assertThat(echo(client, 1)).isEqualTo(1);

            proxy.target(other.port());

            assertThatThrownBy(() -> echo(client, 2)).isInstanceOf(IOException.class);
            try (Socket next = connect()) {
                assertThat(echo(next, 3)).isEqualTo(3);
            }
            assertThat(other.received).containsExactly(3);
        }
    }

    @Test
    void an_end_on_one_side_is_an_end_on_the_other() throws IOException {
        try (Socket client = connect()) {
            assertThat(echo(client, 1)).isEqualTo(1);
        }

        await().atMost(Duration.ofSeconds(5)).until(() -> server.ended.size() == 1);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(500);
        return socket;
    }

    private static int echo(Socket socket, int value) throws IOException {
        socket.getOutputStream().write(value);
        int echoed = socket.getInputStream().read();
        if (echoed < 0) {
            throw new IOException("ended, but not reset");
        }
        return echoed;
    }

    private static final class EchoServer implements AutoCloseable {

        private final ServerSocket listener;
        private final List<Integer> received = new CopyOnWriteArrayList<>();
        private final List<Socket> ended = new CopyOnWriteArrayList<>();

        EchoServer() {
            try {
                this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            FaultProxy.daemon("echo-accept", this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            while (true) {
                try {
                    Socket client = listener.accept();
                    FaultProxy.daemon("echo", () -> serve(client));
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void serve(Socket client) {
            try (client) {
                for (int value = client.getInputStream().read();
                        value >= 0;
                        value = client.getInputStream().read()) {
                    received.add(value);
                    client.getOutputStream().write(value);
                }
            } catch (IOException e) {
                // Reset; as good an end as any.
                return;
            } finally {
                ended.add(client);
            }
        }

        @Override
        public void close() {
            FaultProxy.closeQuietly(listener);
        }
    }
}
