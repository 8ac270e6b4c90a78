package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AnswerTextTest {

    private final AnswerText text = new AnswerText(1_000);

    private String read(Endpoint endpoint, boolean streamed, String... frames) {
        AnswerReader reader = AnswerReader.of(endpoint, streamed, false);
        reader.capture(text);
        boolean events = streamed && endpoint.dialect() != Dialect.OLLAMA;
        for (String frame : frames) {
            String json = frame.replace('\'', '"');
            reader.feed(ByteBuffer.wrap((events ? "data: " + json + "\n\n" : json + "\n").getBytes(UTF_8)));
        }
        reader.end();
        assertThat(reader.failure()).isEmpty();
        return text.take();
    }

    @Test
    void what_was_said_in_pieces_is_joined_as_it_is() {
        assertThat(read(
                        Endpoint.CHAT,
                        true,
                        "{'message':{'role':'assistant','content':'Hel'},'done':false}",
                        "{'message':{'content':'lo\\u0021'},'done':false}",
                        "{'message':{'content':''},'done':true}"))
                .isEqualTo("Hello!");
        assertThat(text.cut()).isFalse();
    }

    @Test
    void thoughts_and_calls_stand_under_headings() {
        assertThat(read(
                        Endpoint.CHAT,
                        true,
                        "{'message':{'content':'','thinking':'Hm'},'done':false}",
                        "{'message':{'content':'','thinking':'m'},'done':false}",
                        "{'message':{'content':'Wait.'},'done':false}",
                        "{'message':{'content':'','tool_calls':[{'id':'1','function':{'index':0,'name':'f','arguments':{'id':7,'to':'ann'}}}]},'done':false}",
                        "{'message':{'content':''},'done':true}"))
                .isEqualTo("[thinking]\nHmm\n\n[answer]\nWait.\n\n[tool call]\n\nf\nid: 7\nto: ann");
    }

    @Test
    void arguments_that_come_in_pieces_are_joined_and_their_escapes_read() {
        String piece =
                "{'choices':[{'delta':{'tool_calls':[{'index':0,'function':{%s'arguments':'%s'}}]},'finish_reason':null}]}";

        assertThat(read(
                        Endpoint.CHAT_COMPLETIONS,
                        true,
                        piece.formatted("'name':'f',", "{\\\"key\\\":\\\"s"),
                        piece.formatted("", "\\\\u006"),
                        piece.formatted("", "b-1\\\"}"),
                        "[DONE]"))
                .isEqualTo("[tool call]\n\nf\n{\"key\":\"sk-1\"}");
    }

    @Test
    void events_of_responses_are_told_apart_by_their_type() {
        assertThat(read(
                        Endpoint.RESPONSES,
                        true,
                        "{'type':'response.reasoning_summary_text.delta','delta':'Hm'}",
                        "{'delta':'Hi','type':'response.output_text.delta'}",
                        "{'type':'response.function_call_arguments.delta','delta':'{}'}",
                        "{'type':'response.completed','response':{'status':'completed'}}"))
                .isEqualTo("[thinking]\nHm\n\n[answer]\nHi\n\n[tool call]\n{}");
    }

    @Test
    void a_whole_answer_is_read_without_what_is_only_form() {
        assertThat(read(
                        Endpoint.MESSAGES,
                        false,
                        "{'type':'message','role':'assistant','content':[{'type':'thinking','thinking':'Hm','signature':'s'},"
                                + "{'type':'text','text':'Hi'},{'type':'tool_use','id':'1','name':'f','input':{'type':'t'}}],"
                                + "'stop_reason':'end_turn'}"))
                .isEqualTo("thinking: Hm\nHi\nf\ntype: t");
    }

    @Test
    void a_whole_response_is_read_item_by_item() {
        assertThat(read(
                        Endpoint.RESPONSES,
                        false,
                        "{'status':'completed','output':[{'type':'reasoning','summary':[{'type':'summary_text','text':'Hm'}]},"
                                + "{'type':'message','content':[{'type':'output_text','text':'Hi','annotations':[]}]},"
                                + "{'type':'function_call','name':'f','arguments':'{}'}]}"))
                .isEqualTo("[thinking]\nHm\n\n[answer]\nHi\n\n[tool call]\n\nf\n{}");
    }

    @Test
    void vectors_are_not_text() {
        assertThat(read(Endpoint.EMBED, false, "{'model':'m','embeddings':[[0.1,0.2]]}"))
                .isEmpty();
    }

    @Test
    void a_long_answer_is_cut_and_marked() {
        String frame = "{'message':{'content':'" + "a".repeat(600) + "'},'done':%s}";

        assertThat(read(Endpoint.CHAT, true, frame.formatted(false), frame.formatted(false), frame.formatted(true)))
                .isEqualTo("a".repeat(1_000));
        assertThat(text.cut()).isTrue();
    }

    @Test
    void nothing_is_added_to_what_was_taken() {
        text.append(AnswerText.Kind.SAID, "a");
        assertThat(text.take()).isEqualTo("a");

        text.append(AnswerText.Kind.SAID, "b");

        assertThat(text.take()).isEqualTo("a");
        assertThat(text.room()).isZero();
    }

    @Test
    void counts_are_the_same_with_and_without_text() {
        String frame =
                "{\"message\":{\"content\":\"Grüße\",\"thinking\":\"hm\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
                        + "\"arguments\":{\"a\":[1,true,null]}}}]},\"done\":true}\n";
        AnswerReader plain = AnswerReader.of(Endpoint.CHAT, true, false);
        AnswerReader capturing = AnswerReader.of(Endpoint.CHAT, true, false);
        capturing.capture(text);

        plain.feed(ByteBuffer.wrap(frame.getBytes(UTF_8)));
        capturing.feed(ByteBuffer.wrap(frame.getBytes(UTF_8)));

        assertThat(capturing.outputBytes()).isEqualTo(plain.outputBytes()).isPositive();
        assertThat(capturing.thoughts()).isEqualTo(plain.thoughts()).isEqualTo(1);
    }
}
