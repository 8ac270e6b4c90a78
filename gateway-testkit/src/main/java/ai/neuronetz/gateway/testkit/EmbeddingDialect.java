package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** The three embedding routes. The same text always gives the same vector, of 8 numbers. */
final class EmbeddingDialect implements Dialect {
    enum Form {
        EMBED,
        LEGACY,
        OPENAI
    }

    private static final int DIMENSIONS = 8;

    private final Form form;

    EmbeddingDialect(Form form) {
        this.form = form;
    }

    @Override
    public String streamType() {
        throw new UnsupportedOperationException("embeddings are not streamed");
    }

    @Override
    public String wholeType() {
        return form == Form.OPENAI ? "application/json" : "application/json; charset=utf-8";
    }

    @Override
    public List<Frame> frames(Answer answer) {
        throw new UnsupportedOperationException("embeddings are not streamed");
    }

    @Override
    public ObjectNode whole(Answer answer) {
        List<float[]> vectors =
                answer.request().inputs().stream().map(EmbeddingDialect::vector).toList();
        return switch (form) {
            case LEGACY -> Json.object().set("embedding", array(vectors.get(0)));
            case EMBED -> embed(answer, vectors);
            case OPENAI -> openAi(answer, vectors);
        };
    }

    @Override
    public ObjectNode error(int status, String message) {
        return form == Form.OPENAI
                ? OpenAiErrors.error(status, message)
                : Json.object().put("error", message);
    }

    @Override
    public Optional<String> brokenOff(String message) {
        return Optional.empty();
    }

    private static ObjectNode embed(Answer answer, List<float[]> vectors) {
        ObjectNode embed = Json.object().put("model", answer.model());
        ArrayNode embeddings = embed.putArray("embeddings");
        vectors.forEach(vector -> embeddings.add(array(vector)));
        embed.put("total_duration", answer.elapsedNanos()).put("load_duration", 1_000_000L);
        return answer.script().inputCount.omitted() ? embed : embed.put("prompt_eval_count", answer.inputTokens());
    }

    private static ObjectNode openAi(Answer answer, List<float[]> vectors) {
        boolean base64 = Json.field(answer.request().body(), "encoding_format")
                .asText("")
                .equalsIgnoreCase("base64");
        ObjectNode list = Json.object().put("object", "list");
        ArrayNode data = list.putArray("data");
        for (int i = 0; i < vectors.size(); i++) {
            ObjectNode entry = data.addObject().put("object", "embedding");
            if (base64) {
                entry.put("embedding", base64(vectors.get(i)));
            } else {
                entry.set("embedding", array(vectors.get(i)));
            }
            entry.put("index", i);
        }
        list.put("model", answer.model());
        long tokens = answer.inputTokens();
        list.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
        return list;
    }

    private static float[] vector(JsonNode input) {
        Random random = new Random(input.asText("").hashCode());
        float[] vector = new float[DIMENSIONS];
        for (int i = 0; i < DIMENSIONS; i++) {
            vector[i] = random.nextFloat() - 0.5f;
        }
        return vector;
    }

    private static ArrayNode array(float[] vector) {
        ArrayNode array = Json.array();
        for (float value : vector) {
            array.add(value);
        }
        return array;
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : vector) {
            bytes.putFloat(value);
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
