package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Denial;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Requests through reader and writer. Single quotes stand for double ones. */
final class Requests {

    static final int CAP = 100;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Requests() {}

    static UpstreamRequest written(Endpoint endpoint, String body) {
        InferenceRequest.Writing writing = write(endpoint, body);
        assertThat(writing).describedAs(body).isInstanceOf(InferenceRequest.Written.class);
        return ((InferenceRequest.Written) writing).request();
    }

    static Denial refused(Endpoint endpoint, String body) {
        InferenceRequest.Writing writing = write(endpoint, body);
        assertThat(writing).describedAs(body).isInstanceOf(InferenceRequest.Refused.class);
        return ((InferenceRequest.Refused) writing).denial();
    }

    static JsonNode body(UpstreamRequest request) {
        return json(new String(request.body(), UTF_8));
    }

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(quoted(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InferenceRequest.Writing write(Endpoint endpoint, String body) {
        InferenceRequest.Reading reading =
                InferenceRequest.read(endpoint, quoted(body).getBytes(UTF_8));
        return reading instanceof InferenceRequest.Read read
                ? read.request().write("spelled", CAP)
                : (InferenceRequest.Refused) reading;
    }

    private static String quoted(String text) {
        return text.replace('\'', '"');
    }
}
