package ai.neuronetz.gateway.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The listings that the gateway answers itself, in UTF-8. An empty list is {@code []}, not Ollama's null. */
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
        for (InstalledModel model : known.models()) {
            data.addObject()
                    .put("id", model.spelling())
                    .put("object", "model")
                    .put("created", model.created())
                    .put("owned_by", model.name().namespace());
        }
        return utf8(root.toString());
    }

    /** {@code GET /api/version}. */
    public static byte[] version(VisibleModels.Known known) {
        return utf8(JsonNodeFactory.instance
                .objectNode()
                .put("version", known.version())
                .toString());
    }

    private static byte[] utf8(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
