package ai.neuronetz.gateway.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TestRedisTest {
    @Test
    void shared_server_answers_and_flush_empties_it() throws IOException {
        TestRedis redis = TestRedis.shared();
        assertThat(redis.url()).isEqualTo("redis://127.0.0.1:" + redis.port());
        assertThat(ask(redis, "SET k v")).isEqualTo("+OK");
        assertThat(ask(redis, "DBSIZE")).isEqualTo(":1");

        redis.flush();

        assertThat(ask(redis, "DBSIZE")).isEqualTo(":0");
        assertThat(TestRedis.shared()).isSameAs(redis);
    }

    @Test
    void restarts_empty_on_the_same_port() throws IOException {
        try (TestRedis redis = TestRedis.start()) {
            assertThat(ask(redis, "SET k v")).isEqualTo("+OK");

            redis.stop();
            assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(IOException.class);
            redis.restart();

            assertThat(ask(redis, "DBSIZE")).isEqualTo(":0");
        }
    }

    @Test
    void paused_server_accepts_connections_and_answers_nothing_until_resumed() throws IOException {
        try (TestRedis redis = TestRedis.start()) {
            redis.pause();
            assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(SocketTimeoutException.class);

            redis.resume();
            assertThat(ask(redis, "PING")).isEqualTo("+PONG");
        }
    }

    private static String ask(TestRedis redis, String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.setSoTimeout(500);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }
}
