package ai.neuronetz.gateway.testkit.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.http.HttpHeaders;
import java.util.Map;
import java.util.TreeMap;

/** An answer, read to its end. */
record Reply(int status, HttpHeaders headers, String body) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Empty if it is absent. */
    String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    JsonNode json() {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    /** The stable code of an error in any dialect; empty if there is none. */
    String code() {
        JsonNode json = json();
        return json.path("code").asText(json.path("error").path("code").asText());
    }

    /** The body without what differs from request to request. */
    String text() {
        String id = header("X-Request-ID");
        return id.isEmpty() ? body : body.replace(id, "(id)");
    }

    /** The headers without what differs from request to request. */
    Map<String, Object> form() {
        Map<String, Object> form = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        form.putAll(headers.map());
        form.keySet()
                .removeIf(name -> name.equalsIgnoreCase("x-request-id")
                        || name.equalsIgnoreCase("request-id")
                        || name.equalsIgnoreCase("date"));
        return form;
    }

    /** Whether the gateway turns this address away for now, whatever it asks. */
    boolean barred() {
        return status == 429 && code().equals("too_many_auth_failures");
    }

    @Override
    public String toString() {
        return code().isEmpty() ? String.valueOf(status) : status + " " + code();
    }
}
