package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Answers that are not generated token by token. */
final class MockListings {

    /** Answers for a model that is installed. */
    @FunctionalInterface
    interface ForModel {
        String of(String model, JsonNode request);
    }

    static final ForModel SHOW = (model, request) -> {
        ObjectNode body = MockFormat.JSON.createObjectNode();
        body.put("license", "MIT")
                .put("modelfile", "FROM /root/.ollama/models/blobs/sha256-0000")
                .put("parameters", "stop \"<|eot|>\"")
                .put("template", "{{ .Prompt }}")
                .put("system", "You are a model.")
                .put("modified_at", "2026-08-01T10:00:00Z");
        body.putObject("details").put("format", "gguf").put("family", "llama");
        body.putObject("model_info").put("llama.context_length", 8192);
        body.putArray("capabilities").add("completion");
        return body.toString();
    };

    static final ForModel EMBED = (model, request) -> {
        ObjectNode body = MockFormat.JSON.createObjectNode().put("model", model);
        ArrayNode embeddings = body.putArray("embeddings");
        List<String> inputs = inputs(request.path("input"));
        inputs.forEach(input -> vector(embeddings.addArray()));
        return body.put("total_duration", 1_000_000L)
                .put("load_duration", 1_000L)
                .put("prompt_eval_count", tokens(inputs))
                .toString();
    };

    static final ForModel EMBEDDINGS = (model, request) -> {
        ObjectNode body = MockFormat.JSON.createObjectNode();
        vector(body.putArray("embedding"));
        return body.toString();
    };

    static final ForModel V1_EMBEDDINGS = (model, request) -> {
        ObjectNode body =
                MockFormat.JSON.createObjectNode().put("object", "list").put("model", model);
        List<String> inputs = inputs(request.path("input"));
        ArrayNode data = body.putArray("data");
        for (int i = 0; i < inputs.size(); i++) {
            vector(data.addObject().put("object", "embedding").put("index", i).putArray("embedding"));
        }
        body.putObject("usage").put("prompt_tokens", tokens(inputs)).put("total_tokens", tokens(inputs));
        return body.toString();
    };

    private MockListings() {}

    static String models(MockScript script) {
        ObjectNode body = MockFormat.JSON.createObjectNode().put("object", "list");
        ArrayNode data = body.putArray("data");
        script.models()
                .keySet()
                .forEach(name -> data.addObject()
                        .put("id", name)
                        .put("object", "model")
                        .put("created", 1_785_571_200L)
                        .put("owned_by", "library"));
        return body.toString();
    }

    private static List<String> inputs(JsonNode input) {
        List<String> inputs = new ArrayList<>();
        if (input.isArray()) {
            input.forEach(each -> inputs.add(each.asText()));
        } else {
            inputs.add(input.asText());
        }
        return inputs;
    }

    private static long tokens(List<String> inputs) {
        return inputs.stream().mapToLong(input -> (input.length() + 3) / 4).sum();
    }

    private static void vector(ArrayNode vector) {
        for (int i = 0; i < 8; i++) {
            vector.add(i / 8.0);
        }
    }
}
