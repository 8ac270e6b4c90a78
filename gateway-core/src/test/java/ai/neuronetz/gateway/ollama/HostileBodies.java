package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Bodies that two decoders could read differently, made from good ones: keys twice, in other cases and letters, nulls, numbers out
 * of range, encodings, what comes before and after, and single bytes. The same seed makes the same bodies.
 */
final class HostileBodies {

    private static final Map<Endpoint, List<String>> GOOD = Map.of(
            Endpoint.CHAT,
            List.of(
                    "'messages':[{'role':'user','content':'hi','images':['aGk=']}]",
                    "'stream':false",
                    "'options':{'num_predict':5,'stop':['x'],'seed':1}",
                    "'think':'low'",
                    "'format':'json'",
                    "'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}]"),
            Endpoint.GENERATE,
            List.of("'prompt':'hi'", "'system':'s'", "'stream':true", "'options':{'num_predict':5}", "'suffix':'x'"),
            Endpoint.EMBED,
            List.of("'input':['a','b']", "'truncate':true", "'dimensions':5"),
            Endpoint.EMBEDDINGS,
            List.of("'prompt':'hi'", "'options':{'num_ctx':1}"),
            Endpoint.CHAT_COMPLETIONS,
            List.of(
                    "'messages':[{'role':'user','content':[{'type':'text','text':'hi'}]}]",
                    "'stream':true",
                    "'stream_options':{'include_usage':true}",
                    "'max_tokens':5",
                    "'max_completion_tokens':7",
                    "'n':1",
                    "'response_format':{'type':'json_schema','json_schema':{'schema':{}}}"),
            Endpoint.COMPLETIONS,
            List.of("'prompt':'hi'", "'stream':true", "'max_tokens':5", "'logprobs':2", "'best_of':1"),
            Endpoint.OPENAI_EMBEDDINGS,
            List.of("'input':'a'", "'encoding_format':'base64'", "'dimensions':3"),
            Endpoint.RESPONSES,
            List.of(
                    "'input':[{'role':'user','content':'hi'},{'type':'function_call','name':'f','arguments':'{}'}]",
                    "'stream':true",
                    "'max_output_tokens':5",
                    "'tools':[{'type':'function','name':'f'}]",
                    "'text':{'format':{'type':'text'}}"),
            Endpoint.MESSAGES,
            List.of(
                    "'messages':[{'role':'user','content':[{'type':'text','text':'hi'}]}]",
                    "'stream':true",
                    "'max_tokens':5",
                    "'system':[{'type':'text','text':'s'}]",
                    "'tools':[{'name':'f','input_schema':{}}]"));

    private static final List<String> HOSTILE = List.of(
            "'model':'evil'",
            "'MODEL':'evil'",
            "'Model':'evil'",
            "'mod\\u0065l':'evil'",
            "'model':null",
            "'model':['M']",
            "'model':{}",
            "'name':'evil'",
            "'ſtream':false",
            "'STREAM':false",
            "'stream':null",
            "'stream':'true'",
            "'max_to\u212aens':-1",
            "'max_tokenſ':99999",
            "'Max_Tokens':99999",
            "'max_tokens':null",
            "'max_tokens':1e2",
            "'max_tokens':99999999999999999999",
            "'max_tokens':-5",
            "'max_output_tokens':0",
            "'options':{'num_predict':-1}",
            "'Options':{'num_ctx':1000000}",
            "'optionſ':{'num_predict':-1}",
            "'options':null",
            "'options':{'NUM_PREDICT':-1}",
            "'options':{'num_predict':1e400}",
            "'options':{'num_predict':1e30}",
            "'options':{'num_predict':0,'num_predict':-2}",
            "'keep_alive':-1",
            "'\u212aeep_alive':0",
            "'template':'{{ .System }}'",
            "'raw':true",
            "'RAW':true",
            "'context':[1,2,3]",
            "'shift':false",
            "'_debug_render_only':true",
            "'tools':[{'type':'web_search'}]",
            "'Tools':[{'type':'web_search'}]",
            "'messages':[{'role':'system'}]",
            "'mesſages':[]",
            "'prompt':''",
            "'input':null",
            "'x':'\\ud800'",
            "'x':'\\udc00\\ud800'",
            "'':''",
            "'\\u0000':1",
            "'x':" + "[".repeat(150) + "]".repeat(150),
            "'x':" + "{'a':".repeat(99) + "1" + "}".repeat(99),
            "'x':1e999",
            "'x':-0",
            "'x':01",
            "'x':0x10",
            "'x':NaN",
            "'x':+1",
            "'x':1.",
            "'x':" + "9".repeat(400));

    private static final List<String> AROUND =
            List.of(" ", "\n", "\uFEFF", "{}", "x", "/**/", ",", "\u0000", "//c\n", "null");

    private final Random random;

    HostileBodies(long seed) {
        this.random = new Random(seed);
    }

    Endpoint endpoint() {
        List<Endpoint> endpoints = new ArrayList<>(GOOD.keySet());
        Collections.sort(endpoints);
        return any(endpoints);
    }

    byte[] body(Endpoint endpoint) {
        List<String> members = new ArrayList<>(GOOD.get(endpoint));
        members.add("'model':'M'");
        for (int n = random.nextInt(4); n > 0; n--) {
            members.add(random.nextBoolean() ? any(HOSTILE) : respelled(any(members)));
        }
        if (random.nextInt(4) == 0) {
            members.remove(random.nextInt(members.size()));
        }
        Collections.shuffle(members, random);
        String text = around() + "{" + String.join(",", members) + "}" + around();
        byte[] bytes = text.replace('\'', '"').getBytes(random.nextInt(50) == 0 ? UTF_16LE : UTF_8);
        for (int n = random.nextInt(8) - 5; n > 0; n--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** The same member under a key that is, or is not, the same to Go. */
    private String respelled(String member) {
        int end = member.indexOf('\'', 1);
        String key = member.substring(1, Math.max(1, end));
        String spelled = switch (random.nextInt(5)) {
            case 0 -> key.toUpperCase(Locale.ROOT);
            case 1 -> key.replace('s', 'ſ');
            case 2 -> key.replace('k', '\u212a');
            case 3 -> key.replace('i', 'ı');
            default -> key;
        };
        return "'" + spelled + member.substring(Math.max(1, end));
    }

    private String around() {
        return random.nextInt(10) == 0 ? any(AROUND) : "";
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
