package ai.neuronetz.gateway.testkit;

import static ai.neuronetz.gateway.testkit.MockClient.CHAT;
import static ai.neuronetz.gateway.testkit.MockClient.data;
import static ai.neuronetz.gateway.testkit.MockClient.frame;
import static ai.neuronetz.gateway.testkit.MockClient.json;
import static ai.neuronetz.gateway.testkit.MockClient.lines;
import static ai.neuronetz.gateway.testkit.MockClient.openChat;
import static ai.neuronetz.gateway.testkit.MockClient.post;
import static ai.neuronetz.gateway.testkit.MockClient.reader;
import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.testkit.Generation.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MockOllamaStreamTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final MockOllama mock = MockOllama.start();

    @AfterEach
    void stop() {
        mock.close();
    }

    @Test
    void frames_arrive_one_by_one_at_the_pace_of_the_script() throws Exception {
        mock.replyTokens(10).pace(Duration.ofMillis(50)).firstFrameAfter(Duration.ofMillis(200));
        List<Long> arrivals = new ArrayList<>();

        long start = System.nanoTime();
        try (Socket socket = openChat(mock);
                BufferedReader reader = reader(socket)) {
            for (int i = 0; i < 11; i++) {
                frame(reader);
                arrivals.add(System.nanoTime());
            }
        }

        assertThat(arrivals.get(0) - start).isGreaterThan(Duration.ofMillis(200).toNanos());
        assertThat(arrivals.get(10) - arrivals.get(0))
                .isGreaterThan(Duration.ofMillis(450).toNanos());
        mock.awaitQuiet(SOON);
        Generation generation = mock.generations().get(0);
        for (int i = 0; i < 11; i++) {
            // Read after it was written and, unless this machine is very busy, before the next one was.
            assertThat(arrivals.get(i)).isGreaterThan(generation.frameNanos().get(i));
        }
        assertThat(arrivals.get(4)).isLessThan(generation.frameNanos().get(10));
    }

    @Test
    void pace_of_zero_streams_very_long_answers() throws Exception {
        mock.replyTokens(5_000);

        assertThat(post(mock, "/api/chat", CHAT).body().lines().count()).isEqualTo(5_001);
    }

    @Test
    void a_connection_serves_one_stream_after_the_other() throws Exception {
        try (Socket socket = openChat(mock);
                BufferedReader reader = reader(socket)) {
            for (int i = 0; i < 20; i++) {
                String line = frame(reader);
                while (!line.contains("\"done\":true")) {
                    line = frame(reader);
                }
                byte[] body = CHAT.getBytes(StandardCharsets.UTF_8);
                // The chunk that ends the body has to be read before the next request may be sent.
                while (!"0".equals(reader.readLine())) {}
                String head = "POST /api/chat HTTP/1.1\r\nHost: m\r\nContent-Length: " + body.length + "\r\n\r\n";
                socket.getOutputStream().write((head + CHAT).getBytes(StandardCharsets.UTF_8));
            }
        }

        mock.awaitQuiet(SOON);
        assertThat(mock.generations().subList(0, 20)).allMatch(g -> g.state() == State.COMPLETED);
    }

    @Test
    void ground_truth_has_what_was_really_generated_whatever_is_claimed() throws Exception {
        mock.counts(1, 2);

        var lines = lines(post(mock, "/api/chat", CHAT).body());

        mock.awaitQuiet(SOON);
        Generation generation = mock.generations().get(0);
        assertThat(lines.get(12).get("eval_count").asInt()).isEqualTo(2);
        assertThat(lines.get(12).get("prompt_eval_count").asInt()).isEqualTo(1);
        assertThat(generation.generatedTokens()).isEqualTo(12);
        assertThat(generation.promptTokens()).isEqualTo(10);
        assertThat(generation.framesSent()).isEqualTo(13);
        assertThat(generation.state()).isEqualTo(State.COMPLETED);
        assertThat(generation.endNanos()).isPresent();
        assertThat(generation.request()).isEqualTo(mock.requests().get(0));
    }

    @Test
    void a_client_that_goes_away_is_noticed_while_no_frame_is_due() throws Exception {
        mock.stallAfter(2);

        try (Socket socket = openChat(mock);
                BufferedReader reader = reader(socket)) {
            frame(reader);
            frame(reader);
            assertThat(mock.openStreams()).isEqualTo(1);
            assertThatThrownBy(() -> mock.awaitQuiet(Duration.ofMillis(300))).isInstanceOf(IllegalStateException.class);
        }
        long left = System.nanoTime();
        mock.awaitQuiet(SOON);

        Generation generation = mock.generations().get(0);
        assertThat(generation.state()).isEqualTo(State.CANCELLED);
        assertThat(generation.generatedTokens()).isEqualTo(2);
        assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void a_client_that_goes_away_before_the_first_frame_is_noticed() throws Exception {
        mock.firstFrameAfter(Duration.ofHours(1));

        Socket socket = openChat(mock);
        while (mock.openStreams() == 0) {
            Thread.onSpinWait();
        }
        socket.close();
        mock.awaitQuiet(SOON);

        assertThat(mock.generations().get(0).state()).isEqualTo(State.CANCELLED);
        assertThat(mock.generations().get(0).framesSent()).isZero();
    }

    @Test
    void a_client_that_goes_away_from_a_fast_stream_or_does_not_read_ends_it() throws Exception {
        mock.replyTokens(1_000_000);

        try (Socket socket = openChat(mock);
                BufferedReader reader = reader(socket)) {
            frame(reader);
        }
        mock.awaitQuiet(SOON);

        assertThat(mock.generations().get(0).state()).isEqualTo(State.CANCELLED);
        assertThat(mock.generations().get(0).generatedTokens()).isLessThan(1_000_000);
    }

    @Test
    void fifteen_hundred_streams_are_open_at_a_time_without_a_thread_each() throws Exception {
        mock.replyTokens(1).pace(Duration.ofHours(1));
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 1_500; i++) {
                sockets.add(openChat(mock));
            }
            for (Socket socket : sockets) {
                frame(reader(socket));
            }

            assertThat(mock.openStreams()).isEqualTo(1_500);
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("mock-ollama")))
                    .hasSizeLessThan(50);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        mock.awaitQuiet(SOON);

        assertThat(mock.peakOpenStreams()).isEqualTo(1_500);
        assertThat(mock.generations()).allMatch(generation -> generation.state() == State.CANCELLED);
    }

    @Test
    void a_wiremock_stub_answers_before_the_script_and_only_what_it_matches() throws Exception {
        mock.stub(get(urlPathEqualTo("/api/tags"))
                .willReturn(aResponse().withStatus(404).withBody("stubbed")));

        HttpResponse<String> stubbed = MockClient.get(mock, "/api/tags");
        assertThat(stubbed.statusCode()).isEqualTo(404);
        assertThat(stubbed.body()).isEqualTo("stubbed");
        assertThat(lines(post(mock, "/api/chat", CHAT).body())).hasSize(13);
        assertThat(mock.requests()).hasSize(2);

        mock.reset();
        assertThat(MockClient.get(mock, "/api/tags").statusCode()).isEqualTo(200);
    }

    @Nested
    @DisplayNameGeneration(ReplaceUnderscores.class)
    class Faults {
        @Test
        void a_refusal_has_its_status_and_the_dialect_of_the_route() throws Exception {
            mock.fail(503, "server busy");

            HttpResponse<String> chat = post(mock, "/api/chat", CHAT);
            HttpResponse<String> messages = post(mock, "/v1/messages", CHAT);

            assertThat(chat.statusCode()).isEqualTo(503);
            assertThat(chat.body()).isEqualTo("{\"error\":\"server busy\"}");
            assertThat(json(messages.body()).at("/error/type").asText()).isEqualTo("overloaded_error");
            mock.awaitQuiet(SOON);
            assertThat(mock.generations()).allMatch(g -> g.state() == State.FAILED && g.generatedTokens() == 0);
        }

        @Test
        void an_error_in_the_stream_is_a_line_in_ndjson_and_an_empty_chunk_in_sse() throws Exception {
            mock.failAfter(3, "engine died");

            var lines = lines(post(mock, "/api/chat", CHAT).body());
            String sse = post(mock, "/v1/chat/completions", CHAT.replace("{\"m", "{\"stream\":true,\"m"))
                    .body();

            assertThat(lines).hasSize(4);
            assertThat(lines.get(3).toString()).isEqualTo("{\"error\":\"engine died\"}");
            assertThat(data(sse)).hasSize(4);
            assertThat(data(sse).get(3).get("model").asText()).isEmpty();
            assertThat(sse).doesNotContain("[DONE]").doesNotContain("engine died");
            mock.awaitQuiet(SOON);
            assertThat(mock.generations()).allMatch(g -> g.state() == State.FAILED && g.generatedTokens() == 3);
        }

        @Test
        void a_cut_ends_the_body_properly_without_the_last_frame() throws Exception {
            mock.cutAfter(2);

            assertThat(lines(post(mock, "/api/chat", CHAT).body()))
                    .hasSize(2)
                    .noneMatch(line -> line.get("done").asBoolean());
        }

        @Test
        void a_close_ends_the_connection_inside_the_body() {
            mock.closeAfter(2);

            assertThatThrownBy(() -> post(mock, "/api/chat", CHAT)).isInstanceOf(IOException.class);
            assertThat(mock.generations().get(0).state()).isEqualTo(State.FAILED);
        }

        @Test
        void a_reset_is_seen_as_a_reset() throws Exception {
            mock.resetAfter(2).pace(Duration.ofMillis(100));

            try (Socket socket = openChat(mock);
                    BufferedReader reader = reader(socket)) {
                assertThatThrownBy(() -> {
                            while (true) {
                                frame(reader);
                            }
                        })
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("reset");
            }
            mock.awaitQuiet(SOON);
            assertThat(mock.generations().get(0).state()).isEqualTo(State.FAILED);
        }

        @Test
        void garbage_is_one_line_between_good_ones() throws Exception {
            mock.garbageAfter(1);

            List<String> lines = post(mock, "/api/chat", CHAT).body().lines().toList();

            assertThat(lines).hasSize(14);
            assertThatThrownBy(() -> json(lines.get(1))).isInstanceOf(IOException.class);
            assertThat(json(lines.get(13)).get("done").asBoolean()).isTrue();
        }

        @Test
        void counts_can_be_left_out() throws Exception {
            mock.omitCounts();

            var lines = lines(post(mock, "/api/chat", CHAT).body());

            assertThat(lines.get(12).get("done").asBoolean()).isTrue();
            assertThat(lines.get(12).has("eval_count")).isFalse();
        }

        @Test
        void answers_that_are_not_streamed_break_too() throws Exception {
            String whole = CHAT.replace("{\"m", "{\"stream\":false,\"m");

            mock.failAfter(3, "engine died");
            assertThat(post(mock, "/api/chat", whole).statusCode()).isEqualTo(500);
            mock.cutAfter(3);
            assertThat(json(post(mock, "/api/chat", whole).body()).get("done").asBoolean())
                    .isFalse();
            mock.resetAfter(0);
            assertThatThrownBy(() -> post(mock, "/api/chat", whole)).isInstanceOf(IOException.class);
        }
    }
}
