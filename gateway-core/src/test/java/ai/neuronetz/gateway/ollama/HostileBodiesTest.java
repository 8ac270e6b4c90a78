package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.ollama.GoDecoder.Members;
import ai.neuronetz.gateway.ollama.RequestTable.InBody;
import ai.neuronetz.gateway.ollama.RequestTable.InOptions;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** {@code -Dfuzz.bodies=1000000} for a long run, {@code -Dfuzz.seed} for another one. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HostileBodiesTest {

    private static final int BODIES = Integer.getInteger("fuzz.bodies", 40_000);
    private static final long SEED = Long.getLong("fuzz.seed", 4);
    private static final int CAP = 100;

    /** To Ollama, not to a tenant. */
    private static final List<String> NEVER_SENT =
            List.of("keep_alive", "template", "raw", "context", "shift", "_debug_render_only", "n", "best_of");

    private static final List<String> NEVER_OPTIONS = List.of("num_ctx", "num_gpu", "num_batch", "num_keep");

    @Test
    void what_was_checked_is_what_go_reads_from_what_is_sent() {
        HostileBodies bodies = new HostileBodies(SEED);
        int accepted = 0;
        for (int n = 0; n < BODIES; n++) {
            Endpoint endpoint = bodies.endpoint();
            byte[] body = bodies.body(endpoint);
            if (InferenceRequest.read(endpoint, body) instanceof InferenceRequest.Read read
                    && read.request().write("spelled", CAP) instanceof InferenceRequest.Written written) {
                accepted++;
                check(endpoint, body, read.request(), written.request());
            }
        }

        System.out.printf("%d hostile bodies, seed %d: %d accepted, none read in two ways%n", BODIES, SEED, accepted);
        assertThat(accepted).isBetween(BODIES / 20, BODIES * 9 / 10);
    }

    @Test
    void a_reader_like_any_other_is_found_out() {
        HostileBodies bodies = new HostileBodies(SEED);
        ObjectMapper usual = new ObjectMapper();
        int different = 0;
        for (int n = 0; n < 5_000; n++) {
            byte[] body = bodies.body(bodies.endpoint());
            try {
                String read = usual.readTree(body).path("model").asText("");
                different += read.equals(GoDecoder.string(GoDecoder.decode(body), "model")) ? 0 : 1;
            } catch (IOException | GoDecoder.GoException refused) {
                // One of the two would have refused it.
            }
        }

        assertThat(different).isGreaterThan(50);
    }

    private static void check(Endpoint endpoint, byte[] body, InferenceRequest request, UpstreamRequest upstream) {
        String said = new String(body, UTF_8);
        assertThat(GoDecoder.string(GoDecoder.decode(body), "model"))
                .describedAs(said)
                .isEqualTo(request.model());

        Members sent = GoDecoder.decode(upstream.body());
        assertThat(GoDecoder.string(sent, "model")).describedAs(said).isEqualTo("spelled");
        RequestTable table = RequestTable.of(endpoint);
        if (table.streaming() != RequestTable.Streaming.NEVER) {
            assertThat(GoDecoder.pointer(sent, "stream"))
                    .describedAs(said)
                    .contains(String.valueOf(upstream.streamed()));
        }
        if (table.cap() instanceof InOptions) {
            Map<String, Object> options = GoDecoder.map(sent, "options");
            assertThat(options.get("num_predict"))
                    .describedAs(said)
                    .isEqualTo(new GoDecoder.Num(String.valueOf(upstream.outputCap())));
            assertThat(options).describedAs(said).doesNotContainKeys(NEVER_OPTIONS.toArray(String[]::new));
        } else {
            assertThat(GoDecoder.has(sent, "options")).describedAs(said).isFalse();
        }
        if (table.cap() instanceof InBody inBody) {
            assertThat(GoDecoder.pointer(sent, inBody.names().get(0)))
                    .describedAs(said)
                    .contains(String.valueOf(upstream.outputCap()));
        }
        if (request.generates()) {
            assertThat(upstream.outputCap()).describedAs(said).isBetween(1, CAP);
        }
        for (String field : NEVER_SENT) {
            assertThat(GoDecoder.has(sent, field)).describedAs(said).isFalse();
        }
        assertThat(new String(upstream.body(), UTF_8)).describedAs(said).doesNotContain("web_search\"}", "evil");
    }
}
