package ai.neuronetz.gateway.ollama;

import static ai.neuronetz.gateway.ollama.Endpoint.MESSAGES;
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
class AnthropicRequestsTest {

    @Test
    void a_message_passes_what_is_known() {
        String passed = "'system':[{'type':'text','text':'y'}],'temperature':1,'top_p':0.5,'top_k':5,"
                + "'stop_sequences':['x'],'thinking':{'type':'enabled'},'output_config':{'effort':'high'},"
                + "'tools':[{'name':'f','description':'d','input_schema':{'type':'object'}}],"
                + "'messages':[{'role':'user','content':'hi'},"
                + "{'role':'assistant','content':[{'type':'thinking','thinking':'t','signature':''},"
                + "{'type':'text','text':'t'},{'type':'tool_use','id':'u','name':'f','input':{'a':1}}]},"
                + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'u','content':[{'type':'text','text':'r'}],"
                + "'is_error':false},{'type':'image','source':{'type':'base64','media_type':'image/png','data':'aGk='}}]}]";

        UpstreamRequest request =
                written(MESSAGES, "{'model':'M','max_tokens':9,'metadata':{'user_id':'u'}," + passed + "}");

        assertThat(body(request)).isEqualTo(json("{'model':'spelled','stream':false," + passed + ",'max_tokens':9}"));
        assertThat(request.adjusted()).containsExactly("metadata");
        assertThat(request.size().images()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"''", "',\"max_tokens\":0'", "',\"max_tokens\":-5'", "',\"max_tokens\":100000'"})
    void the_output_is_capped_whatever_was_asked_for(String cap) {
        UpstreamRequest request =
                written(MESSAGES, "{'model':'M','messages':[{'role':'user','content':'hi'}]" + cap + "}");

        assertThat(request.outputCap()).isEqualTo(Requests.CAP);
        assertThat(body(request).path("max_tokens").intValue()).isEqualTo(Requests.CAP);
    }

    @Test
    void marks_of_a_cache_and_budgets_of_thought_are_dropped_and_named() {
        UpstreamRequest request = written(
                MESSAGES,
                "{'model':'M','max_tokens':9,'thinking':{'type':'enabled','budget_tokens':5},'messages':[{'role':'user',"
                        + "'content':[{'type':'text','text':'t','cache_control':{'type':'ephemeral'}}]}]}");

        assertThat(request.adjusted()).containsExactly("thinking.budget_tokens", "messages.content.cache_control");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "MISSING_FIELD | messages | {'model':'M','max_tokens':1}",
                "MISSING_FIELD | messages | {'model':'M','messages':[{'role':'user','content':''}]}",
                "MISSING_FIELD | messages | {'model':'M','messages':[{'role':'user','content':[]}]}",
                "MISSING_FIELD | messages | {'model':'M','messages':[{'role':'user','content':[{'type':'text','text':''}]}]}",
                "MISSING_FIELD | messages.content | {'model':'M','messages':[{'role':'user'}]}",
                "INVALID_FIELD | messages.role | {'model':'M','messages':[{'role':'system','content':'c'}]}",
                "INVALID_FIELD | messages.content.type | {'model':'M','messages':[{'role':'user','content':[{'type':'document'}]}]}",
                "INVALID_FIELD | messages.content.type | {'model':'M','messages':[{'role':'user','content':[{'type':'server_tool_use','id':'x','name':'web_search'}]}]}",
                "INVALID_FIELD | messages.content.source.type | {'model':'M','messages':[{'role':'user','content':[{'type':'image','source':{'type':'url','url':'http://h/'}}]}]}",
                "SERVER_TOOL_REFUSED | tools | {'model':'M','messages':[{'role':'user','content':'c'}],'tools':[{'type':'web_search_20250305','name':'web_search'}]}",
                "INVALID_FIELD | tools.type | {'model':'M','messages':[{'role':'user','content':'c'}],'tools':[{'type':'bash_20250124','name':'bash'}]}"
            })
    void what_is_not_accepted_is_refused_by_name(Reason reason, String field, String body) {
        assertThat(refused(MESSAGES, body)).isEqualTo(Denial.ofField(reason, field));
    }
}
