package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientStream;
import ai.neuronetz.gateway.exchange.RequestBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The filter in a host that runs each request on a virtual thread. */
@EnabledForJreRange(min = JRE.JAVA_21)
@Tag(ServletHost.TAG)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class VirtualThreadsTest {

    private final Queue<String> threads = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @MethodSource("ai.neuronetz.gateway.servlet.ServletHost#kinds")
    void streams_denials_and_cut_streams_are_as_on_other_threads(ServletHost.Kind kind) throws Exception {
        GatewayFilter filter = GatewayFilter.builder((ClientExchange exchange) -> serve(exchange))
                .build();
        try (ServletHost host = ServletHost.start(kind, filter, settings -> settings.virtualThreads = true)) {
            try (RawClient client = new RawClient(host.port())) {
                for (int turn = 0; turn < 20; turn++) {
                    RawClient.Response whole = client.post("/whole", "body").response();
                    assertThat(whole.body()).isEqualTo("body");
                    assertThat(whole.whole()).isTrue();
                    assertThat(client.post("/denied", "body").response().status())
                            .isEqualTo(429);
                }
            }
            try (RawClient client = new RawClient(host.port())) {
                client.post("/cut", "body").head();
                assertThat(client.chunk()).isEqualTo("body");
                assertThat(brokenEnd(client)).isTrue();
            }
            // Jetty does on its other threads what an application asks it to do asynchronously.
            assertThat(threads).anyMatch(thread -> thread.startsWith("VirtualThread"));
        }
    }

    private void serve(ClientExchange exchange) {
        threads.add(Thread.currentThread().toString());
        exchange.readBody(1000, body -> {
            threads.add(Thread.currentThread().toString());
            if (exchange.request().target().equals("/denied")) {
                exchange.answer(Answer.of(429));
                return;
            }
            ClientStream stream =
                    exchange.stream(Answer.of(200).with("Content-Type", "application/x-ndjson"), () -> {});
            String text = new String(((RequestBody.Complete) body).bytes(), StandardCharsets.US_ASCII);
            stream.write(
                    ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)),
                    exchange.request().target().equals("/cut") ? stream::abort : stream::end);
        });
    }

    private static boolean brokenEnd(RawClient client) {
        try {
            return !client.everything().endsWith("0\r\n\r\n");
        } catch (IOException reset) {
            return true;
        }
    }
}
