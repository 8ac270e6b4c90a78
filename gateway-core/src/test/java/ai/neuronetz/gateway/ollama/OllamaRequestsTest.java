package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.Endpoint.CHAT;
import static ai.neuronetz.gateway.ollama.Endpoint.EMBED;
import static ai.neuronetz.gateway.ollama.Endpoint.EMBEDDINGS;
import static ai.neuronetz.gateway.ollama.Endpoint.GENERATE;
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
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OllamaRequestsTest {

    @Test
    void a_generation_passes_what_is_known_and_caps_its_output() {
        String passed = "'prompt':'p','suffix':'s','system':'y','images':['aGk='],'format':'json','think':true,"
                + "'truncate':true,'logprobs':true,'top_logprobs':3";

        UpstreamRequest request =
                written(GENERATE, "{'model':'M'," + passed + ",'options':{'num_predict':-1,'temperature':0.5}}");

        assertThat(body(request))
                .isEqualTo(json("{'model':'spelled','stream':true," + passed
                        + ",'options':{'temperature':0.5,'num_predict':100}}"));
        assertThat(request.adjusted()).containsExactly("options.num_predict");
        assertThat(request.streamed()).isTrue();
        assertThat(request.size().textBytes()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keep_alive", "template", "raw", "context", "shift", "_debug_render_only", "messages"})
    void what_is_the_operators_own_never_reaches_a_generation(String field) {
        UpstreamRequest request = written(GENERATE, "{'model':'M','prompt':'p','" + field + "':{'x':'CANARY'}}");

        assertThat(body(request).has(field)).isFalse();
        assertThat(request.adjusted()).containsExactly(field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GENERATE | prompt | {'model':'M'}",
                "GENERATE | prompt | {'model':'M','prompt':''}",
                "GENERATE | prompt | {'model':'M','prompt':null,'keep_alive':0}",
                "EMBED | input | {'model':'M','input':''}",
                "EMBED | input | {'model':'M','input':[]}",
                "EMBEDDINGS | prompt | {'model':'M','prompt':''}",
                "CHAT | messages | {'model':'M','messages':[]}"
            })
    void a_request_that_would_only_load_or_unload_the_model_is_refused(Endpoint endpoint, String field, String body) {
        assertThat(refused(endpoint, body)).isEqualTo(Denial.ofField(Reason.LOAD_REFUSED, field));
    }

    @Test
    void an_embedding_has_neither_stream_nor_options_nor_an_output() {
        UpstreamRequest request = written(
                EMBED,
                "{'model':'M','stream':true,'input':['a','bc'],'truncate':false,'dimensions':8,'keep_alive':-1,"
                        + "'options':{'num_ctx':9}}");

        assertThat(body(request))
                .isEqualTo(json("{'model':'spelled','input':['a','bc'],'truncate':false,'dimensions':8}"));
        assertThat(request.adjusted()).containsExactly("stream", "keep_alive", "options");
        assertThat(request.streamed()).isFalse();
        assertThat(request.outputCap()).isZero();
        assertThat(request.size().textBytes()).isEqualTo(3);
        assertThat(request.size().messages()).isEqualTo(2);
    }

    @Test
    void the_older_embedding_takes_a_single_prompt() {
        assertThat(body(written(EMBEDDINGS, "{'model':'M','prompt':'p'}")))
                .isEqualTo(json("{'model':'spelled','prompt':'p'}"));
        assertThat(refused(EMBEDDINGS, "{'model':'M','prompt':['p']}"))
                .isEqualTo(Denial.ofField(Reason.INVALID_FIELD, "prompt"));
    }

    @Test
    void the_batch_of_an_embedding_is_bounded() {
        assertThat(written(EMBED, "{'model':'M','input':[" + "'a',".repeat(255) + "'a']}")
                        .size()
                        .messages())
                .isEqualTo(256);
        assertThat(refused(EMBED, "{'model':'M','input':[" + "'a',".repeat(256) + "'a']}"))
                .isEqualTo(Denial.ofField(Reason.INVALID_FIELD, "input"));
    }

    @Test
    void images_and_schemas_are_bounded() {
        String sixteen = "'aGk=',".repeat(15) + "'aGk='";
        String schema = "{'type':'object','description':'" + "x".repeat(33_000) + "'}";

        assertThat(written(GENERATE, "{'model':'M','prompt':'p','images':[" + sixteen + "]}")
                        .size()
                        .images())
                .isEqualTo(16);
        assertThat(refused(GENERATE, "{'model':'M','prompt':'p','images':[" + sixteen + ",'aGk=']}"))
                .isEqualTo(Denial.ofField(Reason.INVALID_FIELD, "images"));
        assertThat(refused(GENERATE, "{'model':'M','prompt':'p','format':" + schema + "}"))
                .isEqualTo(Denial.ofField(Reason.INVALID_FIELD, "format"));
    }

    @Test
    void text_is_counted_as_long_as_go_writes_it_into_json() {
        String plain = "{'model':'M','prompt':'abc'}";
        String escaped = "{'model':'M','prompt':'<\\n\\u0001'}";

        assertThat(written(GENERATE, plain).size().textBytes()).isEqualTo(3);
        assertThat(written(GENERATE, escaped).size().textBytes()).isEqualTo(6 + 2 + 6);
        assertThat(written(GENERATE, plain).structured()).isFalse();
        assertThat(written(GENERATE, "{'model':'M','prompt':'p','format':'json'}")
                        .structured())
                .isTrue();
    }

    @Test
    void a_developer_is_written_as_the_system() {
        UpstreamRequest request = written(CHAT, "{'model':'M','messages':[{'role':'developer','content':'c'}]}");

        assertThat(body(request).at("/messages/0/role").textValue()).isEqualTo("system");
        assertThat(request.adjusted()).containsExactly("messages.role");
    }
}
