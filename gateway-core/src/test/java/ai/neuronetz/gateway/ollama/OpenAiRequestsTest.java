package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.Endpoint.CHAT_COMPLETIONS;
import static ai.neuronetz.gateway.ollama.Endpoint.COMPLETIONS;
import static ai.neuronetz.gateway.ollama.Endpoint.OPENAI_EMBEDDINGS;
import static ai.neuronetz.gateway.ollama.Endpoint.RESPONSES;
import static ai.neuronetz.gateway.ollama.Requests.body;
import static ai.neuronetz.gateway.ollama.Requests.json;
import static ai.neuronetz.gateway.ollama.Requests.refused;
import static ai.neuronetz.gateway.ollama.Requests.written;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OpenAiRequestsTest {

    @Test
    void a_completion_passes_what_is_known() {
        String passed = "'prompt':'p','suffix':'s','temperature':1,'top_p':0,'seed':3,'stop':['x'],"
                + "'frequency_penalty':0.5,'presence_penalty':0.25,'logprobs':5";

        UpstreamRequest request = written(
                COMPLETIONS,
                "{'model':'M',"
                        + passed
                        + ",'stream':true,'max_tokens':1000,'n':1,'best_of':1,'echo':true,'user':'u'}");

        assertThat(body(request))
                .isEqualTo(json("{'model':'spelled','stream':true," + passed
                        + ",'max_tokens':100,'stream_options':{'include_usage':true}}"));
        assertThat(request.adjusted()).containsExactly("echo", "user", "max_tokens");
        assertThat(request.usageWanted()).isFalse();
    }

    @Test
    void embeddings_take_a_text_or_many() {
        String one = "{'model':'M','input':'a','encoding_format':'base64','dimensions':4,'user':'u'}";

        assertThat(body(written(OPENAI_EMBEDDINGS, one)))
                .isEqualTo(json("{'model':'spelled','input':'a','encoding_format':'base64','dimensions':4}"));
        assertThat(written(OPENAI_EMBEDDINGS, one).outputCap()).isZero();
        assertThat(body(written(OPENAI_EMBEDDINGS, "{'model':'M','input':['a','b']}")))
                .isEqualTo(json("{'model':'spelled','input':['a','b']}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "COMPLETIONS | MISSING_FIELD | prompt | {'model':'M'}",
                "COMPLETIONS | MISSING_FIELD | prompt | {'model':'M','prompt':''}",
                "COMPLETIONS | INVALID_FIELD | prompt | {'model':'M','prompt':['a']}",
                "COMPLETIONS | INVALID_FIELD | n | {'model':'M','prompt':'p','n':2}",
                "COMPLETIONS | INVALID_FIELD | best_of | {'model':'M','prompt':'p','best_of':3}",
                "COMPLETIONS | INVALID_FIELD | max_tokens | {'model':'M','prompt':'p','max_tokens':1e2}",
                "OPENAI_EMBEDDINGS | INVALID_FIELD | input | {'model':'M','input':[1,2]}",
                "OPENAI_EMBEDDINGS | INVALID_FIELD | input | {'model':'M','input':[[1,2]]}",
                "OPENAI_EMBEDDINGS | INVALID_FIELD | encoding_format | {'model':'M','input':'a','encoding_format':'x'}",
                "RESPONSES | MISSING_FIELD | input | {'model':'M','input':[]}",
                "RESPONSES | MISSING_FIELD | input | {'model':'M','input':[{'type':'reasoning'}]}",
                "RESPONSES | MISSING_FIELD | input | {'model':'M','input':[{'role':'user','content':[{'type':'input_text','text':''}]}]}",
                "CHAT_COMPLETIONS | MISSING_FIELD | messages | {'model':'M','messages':[{'role':'user','content':[]}]}",
                "RESPONSES | INVALID_FIELD | input.type | {'model':'M','input':[{'type':'item_reference','id':'x'}]}",
                "RESPONSES | INVALID_FIELD | input.content.type | {'model':'M','input':[{'role':'user','content':[{'type':'input_file'}]}]}",
                "RESPONSES | MISSING_FIELD | input.content.image_url | {'model':'M','input':[{'role':'user','content':[{'type':'input_image','file_id':'f'}]}]}",
                "RESPONSES | INVALID_FIELD | input.content.image_url | {'model':'M','input':[{'role':'user','content':[{'type':'input_image','image_url':'https://h/x.png'}]}]}",
                "RESPONSES | SERVER_TOOL_REFUSED | tools | {'model':'M','input':'i','tools':[{'type':'web_search'}]}",
                "RESPONSES | SERVER_TOOL_REFUSED | tools | {'model':'M','input':'i','tools':[{'type':'web_search_preview'}]}",
                "RESPONSES | SERVER_TOOL_REFUSED | tools.tools | {'model':'M','input':'i','tools':[{'type':'namespace','name':'n','tools':[{'type':'web_search'}]}]}",
                "RESPONSES | INVALID_FIELD | tools.type | {'model':'M','input':'i','tools':[{'type':'file_search'}]}",
                "RESPONSES | INVALID_JSON | `` | {'model':'M','input':'i','tools':[{'Type':'web_search','type':'function','name':'f'}]}",
                "CHAT_COMPLETIONS | SERVER_TOOL_REFUSED | tools | {'model':'M','messages':[{'role':'user','content':'c'}],'tools':[{'type':'web_search'}]}"
            })
    void what_is_not_accepted_is_refused_by_name(Endpoint endpoint, Reason reason, String field, String body) {
        assertThat(refused(endpoint, body))
                .isEqualTo(field.isEmpty() ? Denial.of(reason) : Denial.ofField(reason, field));
    }

    @Test
    void a_response_passes_what_is_known() {
        String passed = "'instructions':'y','temperature':1,'top_p':0.5,'reasoning':{'effort':'low','summary':'auto'},"
                + "'text':{'format':{'type':'json_schema','name':'n','schema':{'type':'object'},'strict':true}},"
                + "'tools':[{'type':'function','name':'f','description':'d','strict':null,'parameters':{'type':'object'}}],"
                + "'truncation':'auto','input':[{'role':'user','content':'hi'},"
                + "{'type':'message','role':'assistant','content':[{'type':'output_text','text':'t'}]},"
                + "{'type':'message','role':'user','content':[{'type':'input_text','text':'t'},"
                + "{'type':'input_image','detail':'auto','image_url':'data:image/png;base64,aGk='}]},"
                + "{'type':'reasoning','id':'r','summary':[{'type':'summary_text','text':'s'}],'encrypted_content':'e'},"
                + "{'type':'function_call','id':'f','call_id':'c','name':'f','arguments':'{}'},"
                + "{'type':'function_call_output','call_id':'c','output':'o'}]";

        UpstreamRequest request = written(
                RESPONSES,
                "{'model':'M','stream':true,'max_output_tokens':7,'store':true,'previous_response_id':'p'," + passed
                        + "}");

        assertThat(body(request))
                .isEqualTo(json("{'model':'spelled','stream':true," + passed.replace("'strict':null,", "")
                        + ",'max_output_tokens':7}"));
        assertThat(request.adjusted()).containsExactly("store", "previous_response_id");
        assertThat(request.usageWanted()).isFalse();
        assertThat(request.size().images()).isEqualTo(1);
    }

    @Test
    void a_name_that_ollama_repeats_is_bounded_and_counted_as_often() {
        String name = "n".repeat(129);
        String function = "{'type':'function','name':'f'}";
        String namespace = "{'model':'M','input':'i','tools':[{'type':'namespace','name':'%s','tools':[%s]}]}";

        assertThat(refused(RESPONSES, namespace.formatted(name, function)))
                .isEqualTo(Denial.ofField(Reason.INVALID_FIELD, "tools.name"));
        long one = written(RESPONSES, namespace.formatted("n", function)).size().textBytes();
        long two = written(RESPONSES, namespace.formatted("n", function + "," + function))
                .size()
                .textBytes();
        assertThat(two - one).isEqualTo(128);
        assertThat(refused(
                        CHAT_COMPLETIONS,
                        "{'model':'M','messages':[{'role':'assistant','tool_calls':[{'id':'x','function':{'name':'"
                                + name + "'}}]}]}"))
                .isEqualTo(Denial.ofField(Reason.INVALID_FIELD, "messages.tool_calls.function.name"));
        assertThat(written(
                                CHAT_COMPLETIONS,
                                "{'model':'M','messages':[{'role':'tool','tool_call_id':'x','content':'r'}]}")
                        .size()
                        .textBytes())
                .isEqualTo(2 * 128 + 2);
    }

    @Test
    void only_an_output_that_has_to_meet_a_grammar_is_structured() {
        String request = "{'model':'M','messages':[{'role':'user','content':'c'}],'response_format':{'type':'%s'}}";

        assertThat(written(CHAT_COMPLETIONS, request.formatted("text")).structured())
                .isFalse();
        assertThat(written(CHAT_COMPLETIONS, request.formatted("json_object")).structured())
                .isTrue();
        assertThat(written(RESPONSES, "{'model':'M','input':'i','text':{'format':{'type':'json_schema','schema':{}}}}")
                        .structured())
                .isTrue();
    }

    @Test
    void a_response_may_have_a_plain_text_as_its_input() {
        assertThat(body(written(RESPONSES, "{'model':'M','input':'i'}")))
                .isEqualTo(json("{'model':'spelled','stream':false,'input':'i','max_output_tokens':100}"));
        assertThat(body(written(CHAT_COMPLETIONS, "{'model':'M','messages':[{'role':'developer','content':'c'}]}"))
                        .at("/messages/0/role")
                        .textValue())
                .isEqualTo("system");
    }
}
