package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.Internal;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The listings that the gateway answers itself, in UTF-8. An empty list is {@code []}, not Ollama's null. */
@Internal
public final class Listings {

    private Listings() {}

    /** {@code GET /api/tags}. */
    public static byte[] tags(VisibleModels.Known known) {
        return utf8(known.models().stream()
                .map(InstalledModel::listing)
                .collect(Collectors.joining(",", "{\"models\":[", "]}")));
    }

    /** {@code GET /v1/models}. */
    public static byte[] models(VisibleModels.Known known) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = root.putArray("data");
        known.models().forEach(model -> describe(data.addObject(), model.spelling(), model));
        return DiscoveryAnswer.bytes(root);
    }

    /** {@code GET /v1/models/{model}}. */
    public static byte[] model(ModelLookup.Found found) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        describe(root, found.spelling(), found.model());
        return DiscoveryAnswer.bytes(root);
    }

    /** {@code GET /api/version}. */
    public static byte[] version(VisibleModels.Known known) {
        return DiscoveryAnswer.bytes(JsonNodeFactory.instance.objectNode().put("version", known.version()));
    }

    private static void describe(ObjectNode entry, String id, InstalledModel model) {
        entry.put("id", id)
                .put("object", "model")
                .put("created", model.created())
                .put("owned_by", model.name().namespace());
    }

    private static byte[] utf8(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
