package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.ollama.Endpoint;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;

/** What the gateway itself answers from its last discovery, filtered to the caller's models. */
public final class Listings {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Listings() {}

    /** @throws IllegalArgumentException if the endpoint is not a listing */
    public static Answer answer(Endpoint endpoint, VisibleModels.Known visible) {
        ObjectNode body = JSON.createObjectNode();
        switch (endpoint) {
            case VERSION -> body.put("version", visible.version());
            case TAGS -> {
                ArrayNode models = body.putArray("models");
                visible.models().forEach(model -> models.addRawValue(new RawValue(model.listing())));
            }
            case MODELS -> {
                body.put("object", "list");
                ArrayNode data = body.putArray("data");
                visible.models()
                        .forEach(model -> data.addObject()
                                .put("id", model.spelling())
                                .put("object", "model")
                                .put("created", model.created())
                                .put("owned_by", owner(model)));
            }
            case CHAT, CHAT_COMPLETIONS -> throw new IllegalArgumentException(endpoint + " is no listing");
        }
        try {
            return Answer.json(200, JSON.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a listing could not be written", e);
        }
    }

    /** As Ollama says it: the namespace. */
    private static String owner(InstalledModel model) {
        return model.name().namespace();
    }
}
