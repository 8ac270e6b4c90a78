package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.Endpoint.CHAT;
import static ai.neuronetz.gateway.ollama.Endpoint.CHAT_COMPLETIONS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.ollama.TokenCount.Unusable;
import java.nio.ByteBuffer;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AnswerReaderTest {

    private static final String FRAME =
            "{\"model\":\"m\",\"created_at\":\"t\",\"message\":{\"role\":\"assistant\",\"content\":\"Grüße \\u003c😀\"},\"done\":false}\n";
    private static final String THOUGHT =
            "{\"model\":\"m\",\"created_at\":\"t\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},\"done\":false}\n";
    private static final String LAST =
            "{\"model\":\"m\",\"created_at\":\"t\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},"
                    + "\"done\":true,\"done_reason\":\"stop\",\"total_duration\":9,\"prompt_eval_count\":31,\"eval_count\":12}\n";

    private static final String HEAD =
            "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
                    + "\"system_fingerprint\":\"fp_ollama\",\"choices\":";
    private static final String CHUNK = "data: " + HEAD
            + "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Pé\"},\"finish_reason\":null}]}\n\n";
    private static final String STOP = "data: " + HEAD + "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private static final String USAGE =
            "data: " + HEAD + "[],\"usage\":{\"prompt_tokens\":17,\"completion_tokens\":42,\"total_tokens\":59}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    @Nested
    class Native_stream {

        @Test
        void frames_go_on_as_they_are_wherever_they_are_cut() {
            String stream = FRAME + THOUGHT + LAST;
            byte[] bytes = stream.getBytes(UTF_8);

            for (int cut = 0; cut <= bytes.length; cut++) {
                AnswerReader reader = AnswerReader.of(CHAT, true, false);

                String out = feed(reader, bytes, 0, cut) + feed(reader, bytes, cut, bytes.length) + text(reader.end());

                assertThat(out).isEqualTo(stream);
                assertComplete(reader, 31L, 12L);
            }
        }

        @Test
        void frames_that_come_byte_by_byte_go_on_whole() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);
            byte[] bytes = (FRAME + LAST).getBytes(UTF_8);
            int writes = 0;
            StringBuilder out = new StringBuilder();

            for (int i = 0; i < bytes.length; i++) {
                String part = feed(reader, bytes, i, i + 1);
                writes += part.isEmpty() ? 0 : 1;
                out.append(part);
            }

            assertThat(out).hasToString(FRAME + LAST);
            assertThat(writes).isEqualTo(2);
        }

        @Test
        void what_is_complete_comes_in_one_buffer() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);

            assertThat(feed(reader, FRAME + FRAME + FRAME.substring(0, 9))).isEqualTo(FRAME + FRAME);
            assertThat(feed(reader, FRAME.substring(9))).isEqualTo(FRAME);
        }

        @Test
        void direct_and_sliced_buffers_are_read_alike() {
            byte[] bytes = ("xx" + FRAME).getBytes(UTF_8);
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).flip().position(2);
            ByteBuffer slice = ByteBuffer.wrap(bytes).position(2).slice();

            assertThat(text(AnswerReader.of(CHAT, true, false).feed(direct))).isEqualTo(FRAME);
            assertThat(text(AnswerReader.of(CHAT, true, false).feed(slice))).isEqualTo(FRAME);
            assertThat(text(AnswerReader.of(CHAT, true, false)
                            .feed(ByteBuffer.wrap(bytes).position(2).asReadOnlyBuffer())))
                    .isEqualTo(FRAME);
            assertThat(direct.hasRemaining()).isFalse();
        }

        @Test
        void output_is_counted() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);
            feed(reader, FRAME + THOUGHT);
            feed(
                    reader,
                    "{\"message\":{\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":\"bcd\"}}}]},\"done\":false}\n");

            assertThat(reader.frames()).isEqualTo(3);
            assertThat(reader.outputBytes()).isBetween("Grüße <😀hmf".getBytes(UTF_8).length + 4L, 100L);
            assertThat(reader.finished()).isFalse();
        }

        @Test
        void carriage_returns_and_empty_lines_are_not_passed_on() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);

            assertThat(feed(reader, "\r\n\n" + FRAME.replace("\n", "\r\n") + LAST.replace("\n", "\r\n")))
                    .isEqualTo(FRAME + LAST);
        }

        @Test
        void a_last_line_without_its_end_is_whole_if_its_object_is() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);
            feed(reader, LAST.trim());

            assertThat(text(reader.end())).isEqualTo(LAST);
            assertComplete(reader, 31L, 12L);
        }

        @Test
        void keys_nobody_knows_are_left_out() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);

            String out = feed(
                    reader,
                    "{\"remote_host\":\"CANARY\",\"message\":{\"content\":\"x\"},\"_debug_info\":{\"rendered_template\":[\"CANARY\"]},\"done\":false}\n");

            assertThat(out).isEqualTo("{\"message\":{\"content\":\"x\"},\"done\":false}\n");
        }

        @Test
        void an_error_ends_the_answer_and_its_text_is_never_forwarded() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);

            String out = feed(reader, FRAME + "{\"error\":\"CANARY /root/.ollama\"}\n" + FRAME)
                    + feed(reader, FRAME)
                    + text(reader.end());

            assertThat(out).isEqualTo(FRAME);
            assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
            assertThat(reader.finished()).isFalse();
        }

        @Test
        void an_error_beside_other_keys_is_an_error_too() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);

            assertThat(feed(reader, "{\"message\":{\"content\":\"CANARY\"},\"done\":true,\"error\":\"CANARY\"}\n"))
                    .isEmpty();
            assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
            assertThat(reader.finished()).isFalse();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "CANARY",
                    "null",
                    "[1]",
                    "\"CANARY\"",
                    "{}",
                    "{\"status\":\"CANARY\"}",
                    "{\"done\":false}x",
                    "{\"done\":false",
                    "{\"done\":\"CANARY\"}",
                    "{\"done\":null}",
                    " {\"done\":false}",
                    "<html>CANARY",
                    "{\"done\":false}{\"done\":true}",
                    "{\"a\":\r1,\"done\":false}",
                    "{\u0000\"done\":false}",
                    "\uFEFF{\"done\":false}"
                })
        void garbage_ends_the_answer(String line) {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);

            assertThat(feed(reader, FRAME + line + "\n" + LAST)).isEqualTo(FRAME);
            assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
        }

        @Test
        void a_stream_that_ends_without_its_final_frame_is_incomplete() {
            for (String tail : new String[] {"", "{\"mess", "\n"}) {
                AnswerReader reader = AnswerReader.of(CHAT, true, false);
                feed(reader, FRAME + tail);

                assertThat(text(reader.end())).isEmpty();
                assertThat(reader.failure()).contains(Reason.UPSTREAM_INCOMPLETE);
            }
        }

        @Test
        void counts_before_the_end_do_not_count() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);
            feed(reader, "{\"done\":false,\"prompt_eval_count\":1,\"eval_count\":1}\n");

            assertThat(reader.inputTokens()).isEqualTo(Unusable.MISSING);
            assertThat(reader.outputTokens()).isEqualTo(Unusable.MISSING);

            feed(reader, LAST);
            assertComplete(reader, 31L, 12L);
        }

        @Test
        void what_comes_after_the_final_frame_is_neither_forwarded_nor_counted() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);

            String out = feed(
                    reader, LAST + LAST.replace("31", "1").replace("12", "1") + FRAME + "{\"error\":\"CANARY\"}\n");

            assertThat(out).isEqualTo(LAST);
            assertComplete(reader, 31L, 12L);
        }

        @ParameterizedTest
        @CsvSource({
            "null, MISSING",
            "0, MISSING",
            "\"5\", MALFORMED",
            "1.5, MALFORMED",
            "true, MALFORMED",
            "{}, MALFORMED",
            "[1], MALFORMED",
            "1e3, MALFORMED",
            "1e999, MALFORMED",
            "-1, NEGATIVE",
            "-99999999999999999999, NEGATIVE",
            "99999999999999999999, HUGE"
        })
        void a_count_that_is_none_says_why(String count, Unusable why) {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);
            feed(reader, "{\"prompt_eval_count\":" + count + ",\"eval_count\":" + count + ",\"done\":true}\n");

            assertThat(reader.finished()).isTrue();
            assertThat(reader.inputTokens()).isEqualTo(why);
            assertThat(reader.outputTokens()).isEqualTo(why);
        }

        @Test
        void whether_a_count_can_be_true_is_not_judged_here() {
            AnswerReader reader = AnswerReader.of(CHAT, true, false);
            feed(reader, "{\"prompt_eval_count\":1,\"eval_count\":999999999999999,\"done\":true}\n");

            assertComplete(reader, 1L, 999999999999999L);
        }

        @Test
        void the_length_of_a_line_is_bounded() {
            String filler = "{\"done\":false,\"created_at\":\"";
            String fits = filler + "x".repeat(AnswerReader.MAX_FRAME_BYTES - filler.length() - 2) + "\"}";

            assertThat(feed(AnswerReader.of(CHAT, true, false), fits + "\n")).isEqualTo(fits + "\n");

            AnswerReader inOne = AnswerReader.of(CHAT, true, false);
            assertThat(feed(inOne, fits + " \n")).isEmpty();
            assertThat(inOne.failure()).contains(Reason.UPSTREAM_ERROR);

            AnswerReader endless = AnswerReader.of(CHAT, true, false);
            for (int i = 0; i < 300; i++) {
                feed(endless, "x".repeat(4096));
            }
            assertThat(endless.failure()).contains(Reason.UPSTREAM_ERROR);
        }
    }

    @Nested
    class Openai_stream {

        @Test
        void chunks_go_on_as_they_are_wherever_they_are_cut_and_the_usage_only_if_wanted() {
            byte[] bytes = (CHUNK + STOP + USAGE + DONE).getBytes(UTF_8);

            for (int cut = 0; cut <= bytes.length; cut++) {
                for (boolean wanted : new boolean[] {true, false}) {
                    AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, wanted);

                    String out =
                            feed(reader, bytes, 0, cut) + feed(reader, bytes, cut, bytes.length) + text(reader.end());

                    assertThat(out).isEqualTo(CHUNK + STOP + (wanted ? USAGE : "") + DONE);
                    assertComplete(reader, 17L, 42L);
                    assertThat(reader.frames()).isEqualTo(1);
                    assertThat(reader.outputBytes()).isEqualTo(3);
                }
            }
        }

        @Test
        void crlf_comments_and_names_are_read_over_wherever_they_are_cut() {
            byte[] bytes = (": hello\n\n\nevent: x\n" + CHUNK + "data:" + DONE.substring(6))
                    .replace("\n", "\r\n")
                    .getBytes(UTF_8);

            for (int cut = 0; cut <= bytes.length; cut++) {
                AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, true);

                assertThat(feed(reader, bytes, 0, cut) + feed(reader, bytes, cut, bytes.length))
                        .isEqualTo(CHUNK + DONE);
                assertThat(reader.finished()).isTrue();
            }
        }

        @Test
        void usage_beside_output_is_taken_out_if_not_wanted() {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, false);

            String out = feed(
                    reader,
                    "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}\n\n");

            assertThat(out).isEqualTo("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n");
        }

        @Test
        void the_last_usage_counts() {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, false);
            feed(reader, USAGE.replace("17", "1") + USAGE + DONE);

            assertComplete(reader, 17L, 42L);
        }

        @Test
        void keys_nobody_knows_are_left_out() {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, false);

            assertThat(feed(reader, "data: {\"choices\":[],\"_debug_info\":{\"rendered_template\":\"CANARY\"}}\n\n"))
                    .isEqualTo("data: {\"choices\":[]}\n\n");
        }

        @Test
        void thoughts_and_tool_calls_are_output() {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, false);
            feed(reader, "data: {\"choices\":[{\"delta\":{\"content\":\"\",\"reasoning\":\"abc\"}}]}\n\n");
            feed(
                    reader,
                    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n");

            assertThat(reader.frames()).isEqualTo(2);
            assertThat(reader.outputBytes()).isGreaterThan(6);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "data: {\"error\":{\"message\":\"CANARY\"}}\n\n", "data: CANARY\n\n", "CANARY\n\n",
                            "{\"error\":\"CANARY\"}\n",
                    "data: {}\n\n", "data: {\"choices\":null}\n\n", "data: {\"choices\":[1]}\n\n", "data: [done]\n\n",
                    "data: [DONE] x\n\n", "id: CANARY\n\n", "data: {\"choices\":\rCANARY []}\n\n", "<html>\n"
                })
        void errors_and_garbage_end_the_answer_and_are_never_forwarded(String frame) {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, true);

            assertThat(feed(reader, CHUNK + frame + CHUNK + DONE)).isEqualTo(CHUNK);
            assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
            assertThat(reader.finished()).isFalse();
        }

        @Test
        void a_stream_that_ends_without_done_is_incomplete() {
            for (String tail : new String[] {"", "data: {\"id\"", "data: [DO", "data", USAGE}) {
                AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, false);
                feed(reader, CHUNK + STOP + tail);

                assertThat(text(reader.end())).isEmpty();
                assertThat(reader.failure()).contains(Reason.UPSTREAM_INCOMPLETE);
            }
        }

        @Test
        void what_comes_after_done_is_neither_forwarded_nor_counted() {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, true);

            assertThat(feed(reader, USAGE + DONE + CHUNK + USAGE.replace("17", "1") + DONE))
                    .isEqualTo(USAGE + DONE);
            assertComplete(reader, 17L, 42L);
        }

        @Test
        void an_event_of_many_lines_is_bounded() {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, true, true);
            for (int i = 0; i < 300; i++) {
                feed(reader, "data: " + "x".repeat(4096) + "\n");
            }

            assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
        }
    }

    @Nested
    class Whole_answer {

        @Test
        void what_came_of_an_answer_that_was_cut_is_counted() {
            AnswerReader reader = AnswerReader.of(CHAT, false, false);
            feed(reader, LAST.substring(0, 20));

            assertThat(reader.outputBytes()).isEqualTo(20);

            reader.end();
            assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
            assertThat(reader.outputBytes()).isEqualTo(20);
        }

        private static final String OPENAI =
                "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":"
                        + "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Pé\"},\"finish_reason\":\"stop\"}],"
                        + "\"usage\":{\"prompt_tokens\":17,\"completion_tokens\":42,\"total_tokens\":59}}";

        @Test
        void it_is_held_back_until_it_is_whole() {
            AnswerReader reader = AnswerReader.of(CHAT, false, false);

            assertThat(feed(reader, LAST.substring(0, 20))).isEmpty();
            assertThat(feed(reader, LAST.substring(20))).isEmpty();
            assertThat(text(reader.end())).isEqualTo(LAST.trim());
            assertComplete(reader, 31L, 12L);
        }

        @Test
        void an_openai_answer_shows_its_usage() {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, false, false);
            feed(reader, OPENAI + "\n");

            assertThat(text(reader.end())).isEqualTo(OPENAI);
            assertComplete(reader, 17L, 42L);
            assertThat(reader.outputBytes()).isEqualTo(3);
        }

        @Test
        void keys_nobody_knows_are_left_out() {
            AnswerReader reader = AnswerReader.of(CHAT_COMPLETIONS, false, false);
            feed(reader, "{\"_debug_info\":\"CANARY\"," + OPENAI.substring(1));

            assertThat(text(reader.end())).isEqualTo(OPENAI);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "CANARY",
                    "[]",
                    "null",
                    "{\"error\":\"CANARY\"}",
                    "{}",
                    "{\"done\":true}{}",
                    "{\"done\":tr"
                })
        void what_is_no_answer_fails(String body) {
            for (Endpoint endpoint : new Endpoint[] {CHAT, CHAT_COMPLETIONS}) {
                AnswerReader reader = AnswerReader.of(endpoint, false, false);

                assertThat(feed(reader, body) + text(reader.end())).isEmpty();
                assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
            }
        }

        @Test
        void an_answer_that_ollama_gave_up_is_not_shown_as_complete() {
            AnswerReader ollama = AnswerReader.of(CHAT, false, false);
            feed(ollama, FRAME);
            AnswerReader openai = AnswerReader.of(CHAT_COMPLETIONS, false, false);
            feed(openai, OPENAI.replace("\"stop\"", "null"));

            assertThat(text(ollama.end()) + text(openai.end())).isEmpty();
            assertThat(ollama.failure()).contains(Reason.UPSTREAM_INCOMPLETE);
            assertThat(openai.failure()).contains(Reason.UPSTREAM_INCOMPLETE);
        }

        @Test
        void its_length_is_bounded() {
            AnswerReader reader = AnswerReader.of(CHAT, false, false);
            byte[] megabyte = new byte[1 << 20];

            for (int i = 0; i < 16; i++) {
                feed(reader, megabyte, 0, megabyte.length);
            }
            assertThat(reader.failure()).isEmpty();

            feed(reader, megabyte, 0, 1);
            assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
        }
    }

    @Test
    void mutated_answers_never_throw_and_a_failure_lets_nothing_more_through() {
        Random random = new Random(23);
        byte[] ollama = (FRAME + THOUGHT + LAST).getBytes(UTF_8);
        byte[] openai = (CHUNK + STOP + USAGE + DONE).getBytes(UTF_8);

        for (int i = 0; i < 20_000; i++) {
            boolean stream = random.nextInt(4) > 0;
            Endpoint endpoint = random.nextBoolean() ? CHAT : CHAT_COMPLETIONS;
            byte[] bytes = (endpoint == CHAT ? ollama : openai).clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            AnswerReader reader = AnswerReader.of(endpoint, stream, random.nextBoolean());
            int cut = random.nextInt(bytes.length);
            reader.feed(ByteBuffer.wrap(bytes, 0, cut));
            boolean failed = reader.failure().isPresent();
            ByteBuffer rest = reader.feed(ByteBuffer.wrap(bytes, cut, bytes.length - cut));

            assertThat(failed && rest.hasRemaining()).isFalse();
            reader.end();
            assertThat(reader.finished() || reader.failure().isPresent()).isTrue();
        }
    }

    private static void assertComplete(AnswerReader reader, @Nullable Long input, @Nullable Long output) {
        assertThat(reader.failure()).isEmpty();
        assertThat(reader.finished()).isTrue();
        assertThat(reader.inputTokens()).isEqualTo(count(input));
        assertThat(reader.outputTokens()).isEqualTo(count(output));
    }

    private static TokenCount count(@Nullable Long tokens) {
        return tokens == null ? Unusable.MISSING : new TokenCount.Stated(tokens);
    }

    private static String feed(AnswerReader reader, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return feed(reader, bytes, 0, bytes.length);
    }

    private static String feed(AnswerReader reader, byte[] bytes, int from, int to) {
        return text(reader.feed(ByteBuffer.wrap(bytes, from, to - from)));
    }

    private static String text(ByteBuffer buffer) {
        return UTF_8.decode(buffer).toString();
    }
}
