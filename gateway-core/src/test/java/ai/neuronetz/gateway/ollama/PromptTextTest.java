package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PromptTextTest {

    private static String read(String body) {
        return PromptText.of(ByteBuffer.wrap(body.replace('\'', '"').getBytes(UTF_8)), 10_000)
                .text();
    }

    @Test
    void messages_stand_under_their_roles_and_settings_are_left_out() {
        assertThat(read("{'model':'m','stream':true,'options':{'stop':['x']},'messages':["
                        + "{'role':'system','content':'Be brief.'},"
                        + "{'role':'user','content':'Hi'},"
                        + "{'role':'user','content':[{'type':'text','text':'Look:'},{'type':'image_url','image_url':{'url':'data:x'}}]},"
                        + "{'role':'assistant','thinking':'Hm','content':'Yes?','images':['QUJD']}]}"))
                .isEqualTo(
                        "[system]\nBe brief.\n\n[user]\nHi\nLook:\nimage_url: (left out)\n\n[assistant]\nthinking: Hm\n"
                                + "Yes?\nimages: (left out)");
    }

    @Test
    void a_prompt_with_its_system_and_suffix_reads_like_messages() {
        assertThat(read("{'prompt':'f(','suffix':')','system':'Code.'}"))
                .isEqualTo("[system]\nCode.\n\n[user]\nf(\n\n[suffix]\n)");
        assertThat(read("{'input':['one','two']}")).isEqualTo("[user]\none\ntwo");
        assertThat(read("{'instructions':'Code.','input':'go'}")).isEqualTo("[system]\nCode.\n\n[user]\ngo");
    }

    @Test
    void calls_and_results_of_tools_are_read_in_every_dialect() {
        assertThat(
                        read(
                                "{'messages':[{'role':'assistant','tool_calls':[{'id':'1','type':'function','function':"
                                        + "{'name':'mail','arguments':{'id':7,'to':'ann'}}}]},{'role':'tool','content':'sent','tool_call_id':'1'}]}"))
                .isEqualTo("[assistant]\nname: mail\nid: 7\nto: ann\n\n[tool]\nsent");
        assertThat(
                        read(
                                "{'messages':[{'role':'assistant','content':[{'type':'tool_use','id':'1','name':'mail','input':"
                                        + "{'type':'x','to':'ann'}}]},{'role':'user','content':[{'type':'tool_result','tool_use_id':'1','content':'sent'}]}]}"))
                .isEqualTo("[assistant]\nname: mail\ntype: x\nto: ann\n\n[user]\nsent");
        assertThat(read("{'input':[{'type':'message','role':'user','content':'Hi'},"
                        + "{'type':'function_call','call_id':'1','name':'mail','arguments':'{}'},"
                        + "{'type':'function_call_output','call_id':'1','output':'sent'},"
                        + "{'type':'reasoning','summary':[{'type':'summary_text','text':'Hm'}]}]}"))
                .isEqualTo("[user]\nHi\n\n[assistant]\nname: mail\n{}\n\n[tool]\nsent\n\n[assistant]\nHm");
    }

    @Test
    void nothing_is_hidden_by_escapes_of_json_in_text() {
        String arguments = "{\\\"key\\\":\\\"\\\\u0073k-1\\\"}";
        assertThat(read("{'messages':[{'role':'assistant','tool_calls':[{'function':{'name':'f','arguments':'"
                        + arguments + "'}}]}]}"))
                .isEqualTo("[assistant]\nname: f\nkey: sk-1");
        assertThat(read("{'messages':[{'role':'tool','content':'[" + arguments + "]'}]}"))
                .isEqualTo("[tool]\nkey: sk-1");
        assertThat(read("{'messages':[{'role':'assistant','tool_calls':[{'function':{'name':'f','arguments':'{"
                        + arguments + "'}}]}]}"))
                .contains("sk-1");
        assertThat(read("{'messages':[{'role':'user','content':'\\u0073k-1'}]}"))
                .isEqualTo("[user]\nsk-1");
    }

    @Test
    void text_that_only_looks_like_json_stays_as_it_is() {
        assertThat(read("{'prompt':'{ \\\\n is a line end'}")).isEqualTo("[user]\n{ \\n is a line end");
        assertThat(read("{'prompt':'{\\\"a\\\":1}'}")).isEqualTo("[user]\n{\"a\":1}");
    }

    @Test
    void a_long_prompt_is_cut_and_marked() {
        PromptText text =
                PromptText.of(ByteBuffer.wrap(("{\"prompt\":\"" + "a".repeat(500) + "\"}").getBytes(UTF_8)), 100);

        assertThat(text.text()).hasSize(100);
        assertThat(text.cut()).isTrue();
    }

    @Test
    void what_is_no_json_says_nothing() {
        assertThat(read("no")).isEmpty();
        assertThat(read("{}")).isEmpty();
    }
}
