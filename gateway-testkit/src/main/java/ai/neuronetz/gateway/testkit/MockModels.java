package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The models the mock has, by canonical name. Thread-safe. */
final class MockModels {
    private static final String MODIFIED = "2026-08-01T10:00:00.123456789+02:00";
    private static final long CREATED = 1_785_571_200L;

    private final Map<String, String> digests = new LinkedHashMap<>();

    synchronized void set(List<String> names) {
        digests.clear();
        names.forEach(name -> digests.put(canonical(name), digestOf(canonical(name))));
    }

    synchronized void digest(String name, String hex) {
        if (digests.replace(canonical(name), hex) == null) {
            throw new IllegalArgumentException("no such model: " + name);
        }
    }

    synchronized Optional<String> digest(String name) {
        return Optional.ofNullable(digests.get(canonical(name)));
    }

    synchronized ObjectNode tags() {
        ObjectNode tags = Json.object();
        ArrayNode models = tags.putArray("models");
        digests.forEach((name, digest) -> {
            ObjectNode model = models.addObject();
            model.put("name", name).put("model", name).put("modified_at", MODIFIED);
            model.put("size", 2_019_393_189L).put("digest", digest);
            model.set("details", details(name));
            model.putArray("capabilities").add("completion").add("tools");
        });
        return tags;
    }

    synchronized ObjectNode openAiList() {
        ObjectNode list = Json.object().put("object", "list");
        if (digests.isEmpty()) {
            return list.putNull("data");
        }
        ArrayNode data = list.putArray("data");
        digests.keySet().forEach(name -> data.add(openAiModel(name)));
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

    static ObjectNode show(String name) {
        ObjectNode show = Json.object();
        show.put("license", "MIT").put("modelfile", "FROM /root/.ollama/models/blobs/sha256-0\n");
        show.put("parameters", "").put("template", "{{ .Prompt }}");
        show.set("details", details(canonical(name)));
        show.putObject("model_info")
                .put("general.architecture", family(name))
                .put(family(name) + ".context_length", 40960);
        show.putArray("capabilities").add("completion").add("tools");
        return show.put("modified_at", MODIFIED);
    }

    private static ObjectNode details(String name) {
        ObjectNode details = Json.object();
        details.put("parent_model", "").put("format", "gguf").put("family", family(name));
        details.putArray("families").add(family(name));
        details.put("parameter_size", name.substring(name.indexOf(':') + 1).toUpperCase(Locale.ROOT));
        return details.put("quantization_level", "Q4_K_M")
                .put("context_length", 40960)
                .put("embedding_length", 4096);
    }

    private static String family(String name) {
        String last = name.substring(name.lastIndexOf('/') + 1);
        int end = last.indexOf(':');
        return (end < 0 ? last : last.substring(0, end)).replace(".", "");
    }

    private static String canonical(String name) {
        String canonical = name.toLowerCase(Locale.ROOT);
        for (String prefix : List.of("registry.ollama.ai/", "library/")) {
            if (canonical.startsWith(prefix)) {
                canonical = canonical.substring(prefix.length());
            }
        }
        return canonical.indexOf(':', canonical.lastIndexOf('/') + 1) < 0 ? canonical + ":latest" : canonical;
    }

    private static String digestOf(String name) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
