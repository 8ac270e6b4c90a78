package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** {@code -Dfuzz.answers=1000000} for a long run, {@code -Dfuzz.seed} for another one. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HostileAnswersTest {

    private static final int ANSWERS = Integer.getInteger("fuzz.answers", 100_000);
    private static final long SEED = Long.getLong("fuzz.seed", 4);
    private static final String CANARY = "CANARY";

    /** A good frame of each, and what a text of the upstream's may hide in. */
    private static final Map<Endpoint, String> FRAMES = Map.of(
            Endpoint.CHAT, "{'model':'m','message':{'role':'assistant','content':'Pé'},'done':false}",
            Endpoint.GENERATE, "{'model':'m','response':'Pé','done':false}",
            Endpoint.EMBED, "{'model':'m','embeddings':[[1,2]],'prompt_eval_count':3}",
            Endpoint.EMBEDDINGS, "{'embedding':[1,2]}",
            Endpoint.CHAT_COMPLETIONS,
                    "{'id':'c','choices':[{'index':0,'delta':{'content':'Pé'},'finish_reason':null}]}",
            Endpoint.COMPLETIONS, "{'id':'c','choices':[{'index':0,'text':'Pé','finish_reason':'stop'}]}",
            Endpoint.OPENAI_EMBEDDINGS, "{'object':'list','data':[],'usage':{'prompt_tokens':3}}",
            Endpoint.RESPONSES, "{'type':'response.output_text.delta','delta':'Pé','sequence_number':1}",
            Endpoint.MESSAGES, "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'Pé'}}");

    private static final List<String> HOSTILE = List.of(
            "{'error':'CANARY'}",
            "{'error':{'message':'CANARY','type':'api_error'}}",
            "{'done':true,'error':'CANARY'}",
            "{'type':'error','error':{'message':'CANARY'}}",
            "{'type':'error','message':'CANARY'}",
            "{'type':'response.failed','response':{'error':{'message':'CANARY'}}}",
            "{'StatusCode':429,'Status':'CANARY','error':'CANARY'}",
            "{'signin_url':'https://CANARY','error':'unauthorized'}",
            "{'remote_host':'CANARY'}",
            "CANARY",
            "<html>CANARY</html>",
            "'CANARY'",
            "['CANARY']",
            "{'CANARY'",
            "CANARY{'done':true}",
            "{} CANARY",
            "{}\rCANARY",
            "\uFEFF{'error':'CANARY'}");

    private static final List<String> LINES = List.of(
            "id: CANARY", "retry: CANARY", ": CANARY", "event: CANARY", "CANARY", "data:CANARY", "data: 'CANARY'");

    private final Random random = new Random(SEED);

    @Test
    void no_text_of_the_upstreams_own_is_ever_forwarded_and_nothing_throws() {
        List<Endpoint> endpoints = new ArrayList<>(FRAMES.keySet());
        int forwarded = 0;
        int failed = 0;
        for (int n = 0; n < ANSWERS; n++) {
            Endpoint endpoint = any(endpoints);
            boolean streamed =
                    RequestTable.of(endpoint).streaming() != RequestTable.Streaming.NEVER && random.nextInt(4) != 0;
            byte[] answer = answer(endpoint, streamed);
            AnswerReader reader = AnswerReader.of(endpoint, streamed, random.nextBoolean());

            String out = read(reader, answer);

            assertThat(out)
                    .describedAs("%s of %s", endpoint, new String(answer, ISO_8859_1))
                    .doesNotContain(CANARY);
            forwarded += out.isEmpty() ? 0 : 1;
            failed += reader.failure().isPresent() ? 1 : 0;
        }

        System.out.printf(
                "%d hostile answers, seed %d: %d failed, of %d something went on%n", ANSWERS, SEED, failed, forwarded);
        assertThat(failed).isGreaterThan(ANSWERS / 4);
        assertThat(forwarded).isGreaterThan(ANSWERS / 8);
    }

    private String read(AnswerReader reader, byte[] answer) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < answer.length) {
            int next = Math.min(answer.length, at + 1 + random.nextInt(1 + random.nextInt(200)));
            out.append(UTF_8.decode(reader.feed(ByteBuffer.wrap(answer, at, next - at))));
            at = next;
        }
        return out.append(UTF_8.decode(reader.end())).toString();
    }

    private byte[] answer(Endpoint endpoint, boolean streamed) {
        StringBuilder answer = new StringBuilder();
        for (int n = random.nextInt(streamed ? 4 : 2); n >= 0; n--) {
            String frame = random.nextInt(3) == 0 ? any(HOSTILE) : good(endpoint);
            if (!streamed) {
                answer.append(frame);
            } else if (endpoint.dialect() == Dialect.OLLAMA) {
                answer.append(frame).append(random.nextInt(9) == 0 ? "\r\n\n" : "\n");
            } else {
                answer.append(random.nextInt(9) == 0 ? any(LINES) + "\n" : "")
                        .append("data: ")
                        .append(frame)
                        .append(random.nextInt(9) == 0 ? "\r\n\r\n" : "\n\n");
            }
        }
        byte[] bytes = answer.toString().replace('\'', '"').getBytes(UTF_8);
        if (random.nextInt(5) == 0 && bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private String good(Endpoint endpoint) {
        String frame = FRAMES.get(endpoint);
        String foreign = random.nextInt(3) == 0 ? "'host':'CANARY'," : "";
        String done = random.nextInt(6) == 0 ? "'done':true," : "";
        return "{" + foreign + (endpoint.dialect() == Dialect.OLLAMA ? done : "") + frame.substring(1);
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
