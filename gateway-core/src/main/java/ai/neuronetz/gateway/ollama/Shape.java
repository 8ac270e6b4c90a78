package ai.neuronetz.gateway.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** What the value of a field must look like, and how it is written anew. */
interface Shape {

    /**
     * Checks a value and writes it.
     *
     * @param path names from the gateway's own tables, for the refusal
     */
    void write(JsonNode value, String path, RequestDraft draft) throws IOException, RefusedFieldException;

    /** Whether the value says nothing; Go reads null as an absent field. */
    default boolean absent(JsonNode value) {
        return value.isNull();
    }
}
