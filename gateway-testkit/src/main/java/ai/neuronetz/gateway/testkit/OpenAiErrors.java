package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The error object of the /v1 routes that follow OpenAI. */
final class OpenAiErrors {
    private OpenAiErrors() {}

    static ObjectNode error(int status, String message) {
        ObjectNode error = Json.object();
        error.putObject("error")
                .put("message", message)
                .put("type", status == 400 ? "invalid_request_error" : status == 404 ? "not_found_error" : "api_error")
                .putNull("param")
                .putNull("code");
        return error;
    }
}
