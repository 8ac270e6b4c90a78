package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The models the mock has, by canonical name. Thread-safe. */
final class MockModels {
    private static final String MODIFIED = "2026-08-01T10:00:00.123456789+02:00";
    private static final long CREATED = 1_785_571_200L;

    // Guarded by this.
    private final Map<String, MockModel> models = new LinkedHashMap<>();

    synchronized void set(List<MockModel> replacement) {
        models.clear();
        replacement.forEach(model -> models.put(model.name(), model));
    }

    /** Adds a model, or replaces the one of its name. */
    synchronized void put(MockModel model) {
        models.put(model.name(), model);
    }

    synchronized Optional<MockModel> find(String name) {
        return Optional.ofNullable(models.get(MockModel.canonical(name)));
    }

    MockModel require(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("no such model: " + name));
    }

    synchronized ObjectNode tags() {
        ObjectNode tags = Json.object();
        ArrayNode list = tags.putArray("models");
        models.values().forEach(model -> {
            ObjectNode entry = list.addObject();
            entry.put("name", model.name()).put("model", model.name());
            remote(entry, model);
            entry.put("modified_at", MODIFIED).put("size", 2_019_393_189L).put("digest", model.digest());
            entry.set("details", details(model));
            capabilities(entry, model);
        });
        return tags;
    }

    synchronized ObjectNode openAiList() {
        ObjectNode list = Json.object().put("object", "list");
        if (models.isEmpty()) {
            return list.putNull("data");
        }
        ArrayNode data = list.putArray("data");
        models.keySet().forEach(name -> data.add(openAiModel(name)));
        return list;
    }

    /** {@code id} is the caller's string, as Ollama echoes it. */
    static ObjectNode openAiModel(String id) {
        return Json.object()
                .put("id", id)
                .put("object", "model")
                .put("created", CREATED)
                .put("owned_by", "library");
    }

    static ObjectNode show(MockModel model) {
        ObjectNode show = Json.object();
        show.put("license", "MIT").put("modelfile", "FROM /root/.ollama/models/blobs/sha256-0\n");
        show.put("parameters", "").put("template", "{{ .Prompt }}");
        show.set("details", details(model));
        remote(show, model);
        show.putObject("model_info")
                .put("general.architecture", model.family())
                .put(model.family() + ".context_length", model.contextLength());
        capabilities(show, model);
        return show.put("modified_at", MODIFIED);
    }

    private static void remote(ObjectNode entry, MockModel model) {
        String host = model.remoteHost();
        if (host != null) {
            entry.put("remote_model", model.name()).put("remote_host", host);
        }
    }

    private static void capabilities(ObjectNode entry, MockModel model) {
        ArrayNode capabilities = entry.putArray("capabilities");
        model.capabilities().forEach(capabilities::add);
    }

    private static ObjectNode details(MockModel model) {
        ObjectNode details = Json.object();
        details.put("parent_model", "").put("format", "gguf").put("family", model.family());
        details.putArray("families").add(model.family());
        return details.put("parameter_size", model.parameterSize())
                .put("quantization_level", model.quantization())
                .put("context_length", model.contextLength())
                .put("embedding_length", 4096);
    }
}
