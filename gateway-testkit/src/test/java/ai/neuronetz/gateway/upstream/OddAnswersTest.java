package ai.neuronetz.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What HTTP allows and Ollama does not send, or what neither does. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OddAnswersTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final TestMeter meter = new TestMeter();

    /** {@code ^} stands for the end of a line. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 103 Early Hints^Link: <x>^^HTTP/1.1 200 OK^Content-Type: a/b^Content-Length: 2^^{} | head 200 a/b, end | {}",
                "HTTP/1.1 100 Continue^^HTTP/1.1 200 OK^Content-Type: a/b^Content-Length: 2^^{} | head 200 a/b, end | {}",
                "HTTP/1.1 204 No Content^^ | 'head 204 , end' | ''",
                "HTTP/1.1 200 OK^Content-Length: 2^^{} | 'head 200 , end' | {}",
                "HTTP/1.1 200 OK^Content-Type: a/b^Content-Length: 5^Content-Length: 2^^{}{}{} | BROKEN | ''",
                "HTTP/1.1 200 OK^Content-Type: a/b^Transfer-Encoding: chunked^^xyz^{}^ | 'head 200 a/b, BROKEN' | ''",
                "HTTP/1.1 101 Switching Protocols^Upgrade: h2c^Connection: Upgrade^^ | BROKEN | ''"
            })
    void an_odd_answer_is_read_as_http_says_or_is_broken(String said, String events, String body) throws Exception {
        try (ScriptedServer ollama = new ScriptedServer((request, peer) -> {
                    peer.write(said.replace("^", "\r\n"));
                    peer.finish();
                });
                Upstream upstream = Upstream.http(ollama.uri(), 4, new Timeouts(LONG, LONG, LONG, LONG))) {
            RecordedAnswer answer = new RecordedAnswer();
            upstream.send(meter.reservation("{}"), answer);
            await().atMost(Duration.ofSeconds(10)).until(answer::ended);

            assertThat(String.join(", ", answer.events())).isEqualTo(events);
            assertThat(new String(answer.bytes(), StandardCharsets.UTF_8)).isEqualTo(body);
            assertThat(ollama.received()).hasSize(1);
        }
    }
}
