package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Reason;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams whose events have names, and answers of the other endpoints. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EventStreamTest {

    private static final String MESSAGE =
            event("message_start", "'message':{'id':'m','content':[],'usage':{'input_tokens':11}}")
                    + event("content_block_start", "'index':0,'content_block':{'type':'text','text':''}")
                    + event("content_block_delta", "'index':0,'delta':{'type':'text_delta','text':'Pé'}")
                    + event("content_block_stop", "'index':0")
                    + event(
                            "message_delta",
                            "'delta':{'stop_reason':'end_turn'},'usage':{'input_tokens':17,'output_tokens':42}");
    private static final String MESSAGE_STOP = event("message_stop", "");

    private static final String RESPONSE =
            event("response.created", "'response':{'status':'in_progress','usage':null,'error':null}")
                    + event("response.output_text.delta", "'delta':'Pé','sequence_number':1")
                    + event("response.output_text.done", "'text':'Pé','sequence_number':2");
    private static final String RESPONSE_END = event(
            "response.completed",
            "'response':{'status':'completed','output':[{'type':'message'}],'usage':{'input_tokens':17,'output_tokens':42},'error':null}");

    @ParameterizedTest
    @CsvSource({"MESSAGES", "RESPONSES"})
    void events_go_on_with_their_names_wherever_they_are_cut(Endpoint endpoint) {
        String stream = endpoint == Endpoint.MESSAGES ? MESSAGE + MESSAGE_STOP : RESPONSE + RESPONSE_END;
        byte[] bytes = stream.getBytes(UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            AnswerReader reader = AnswerReader.of(endpoint, true, false);

            String out = text(reader.feed(ByteBuffer.wrap(bytes, 0, cut)))
                    + text(reader.feed(ByteBuffer.wrap(bytes, cut, bytes.length - cut)))
                    + text(reader.end());

            assertThat(out).isEqualTo(stream);
            assertThat(reader.failure()).isEmpty();
            assertThat(reader.inputTokens()).isEqualTo(new TokenCount.Stated(17));
            assertThat(reader.outputTokens()).isEqualTo(new TokenCount.Stated(42));
            assertThat(reader.frames()).isEqualTo(1);
            assertThat(reader.outputBytes()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @CsvSource({"MESSAGES", "RESPONSES"})
    void a_stream_without_its_last_event_is_incomplete(Endpoint endpoint) {
        AnswerReader reader = AnswerReader.of(endpoint, true, false);
        reader.feed(ByteBuffer.wrap((endpoint == Endpoint.MESSAGES ? MESSAGE : RESPONSE).getBytes(UTF_8)));
        reader.end();

        assertThat(reader.failure()).contains(Reason.UPSTREAM_INCOMPLETE);
        assertThat(reader.finished()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "MESSAGES | event: error~data: {'type':'error','error':{'message':'CANARY'}}",
                "MESSAGES | data: {'type':'error','message':'CANARY'}",
                "MESSAGES | data: {'message':'CANARY'}",
                "MESSAGES | data: [DONE]",
                "RESPONSES | data: {'type':'error','text':'CANARY'}",
                "RESPONSES | data: {'type':'response.failed','response':{'status':'failed','error':{'message':'CANARY'}}}",
                "RESPONSES | data: {'type':'response.created','response':{'error':'CANARY'}}",
                "RESPONSES | data: {'text':'CANARY'}",
                "RESPONSES | data: [DONE]"
            })
    void an_error_ends_the_stream_and_is_never_forwarded(Endpoint endpoint, String frame) {
        AnswerReader reader = AnswerReader.of(endpoint, true, false);

        String out = text(reader.feed(ByteBuffer.wrap((quoted(frame).replace('~', '\n') + "\n\n").getBytes(UTF_8))));

        assertThat(out).isEmpty();
        assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
    }

    @Test
    void events_nobody_knows_are_left_out_and_a_name_is_never_the_upstreams() {
        AnswerReader messages = AnswerReader.of(Endpoint.MESSAGES, true, false);
        AnswerReader responses = AnswerReader.of(Endpoint.RESPONSES, true, false);

        assertThat(text(messages.feed(
                        ByteBuffer.wrap(event("CANARY", "'index':1").getBytes(UTF_8)))))
                .isEmpty();
        assertThat(text(responses.feed(
                        ByteBuffer.wrap(event("other.CANARY", "'item':1").getBytes(UTF_8)))))
                .isEmpty();
        assertThat(text(messages.feed(ByteBuffer.wrap(quoted("event: CANARY\ndata: {'type':'ping','host':'CANARY'}\n\n")
                        .getBytes(UTF_8)))))
                .isEqualTo(quoted("event: ping\ndata: {'type':'ping'}\n\n"));
        assertThat(messages.failure()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GENERATE | 7 | 9 | {'model':'m','response':'Pé','done':true,'prompt_eval_count':7,'eval_count':9}",
                "EMBED | 7 | 0 | {'model':'m','embeddings':[[0.5,1]],'prompt_eval_count':7}",
                "EMBEDDINGS | | 0 | {'embedding':[0.5,1]}",
                "OPENAI_EMBEDDINGS | 7 | 0 | {'object':'list','data':[{'embedding':[0.5],'index':0}],'model':'m','usage':{'prompt_tokens':7,'total_tokens':7}}",
                "COMPLETIONS | 7 | 9 | {'id':'c','choices':[{'text':'Pé','finish_reason':'stop'}],'usage':{'prompt_tokens':7,'completion_tokens':9}}",
                "MESSAGES | 7 | 9 | {'id':'m','type':'message','content':[{'type':'text','text':'Pé'}],'stop_reason':'end_turn','usage':{'input_tokens':7,'output_tokens':9}}",
                "RESPONSES | 7 | 9 | {'id':'r','status':'completed','output':[{'content':[{'text':'Pé'}]}],'error':null,'usage':{'input_tokens':7,'output_tokens':9}}"
            })
    void a_whole_answer_goes_on_and_is_counted(Endpoint endpoint, Long input, long output, String body) {
        AnswerReader reader = AnswerReader.of(endpoint, false, false);
        reader.feed(ByteBuffer.wrap(quoted(body).getBytes(UTF_8)));

        assertThat(text(reader.end())).isEqualTo(quoted(body));
        assertThat(reader.failure()).isEmpty();
        assertThat(reader.inputTokens())
                .isEqualTo(input == null ? TokenCount.Unusable.MISSING : new TokenCount.Stated(input));
        assertThat(reader.outputTokens()).isEqualTo(new TokenCount.Stated(output));
        assertThat(reader.frames()).isEqualTo(output == 0 ? 0 : 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "EMBED | {'model':'m'}",
                "EMBEDDINGS | {'embedding':null}",
                "OPENAI_EMBEDDINGS | {'data':{}}",
                "MESSAGES | {'type':'error','error':{'message':'CANARY'}}",
                "MESSAGES | {'type':'other','stop_reason':'x'}",
                "RESPONSES | {'status':'failed','output':[]}",
                "RESPONSES | {'status':'completed','error':{'message':'CANARY'}}"
            })
    void what_is_no_answer_fails(Endpoint endpoint, String body) {
        AnswerReader reader = AnswerReader.of(endpoint, false, false);
        reader.feed(ByteBuffer.wrap(quoted(body).getBytes(UTF_8)));

        assertThat(text(reader.end())).isEmpty();
        assertThat(reader.failure()).contains(Reason.UPSTREAM_ERROR);
    }

    @Test
    void the_tokens_of_a_conversation_do_not_go_on() {
        AnswerReader reader = AnswerReader.of(Endpoint.GENERATE, true, false);

        String out = text(
                reader.feed(ByteBuffer.wrap(quoted("{'response':'','done':true,'context':[1,2,3],'eval_count':1}\n")
                        .getBytes(UTF_8))));

        assertThat(out).isEqualTo(quoted("{'response':'','done':true,'eval_count':1}\n"));
    }

    private static String event(String name, String members) {
        String type = "'type':'" + name + "'" + (members.isEmpty() ? "" : ",");
        return quoted("event: " + name + "\ndata: {" + type + members + "}\n\n");
    }

    private static String quoted(String text) {
        return text.replace('\'', '"');
    }

    private static String text(ByteBuffer buffer) {
        return UTF_8.decode(buffer).toString();
    }
}
