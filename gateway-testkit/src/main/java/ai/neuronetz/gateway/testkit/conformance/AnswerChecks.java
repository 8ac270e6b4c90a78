package ai.neuronetz.gateway.testkit.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What every answer has in common. */
final class AnswerChecks {

    static final List<Check> CHECKS = List.of(
            new Check("every answer has a request id of its own", "API: Headers of answers", AnswerChecks::requestIds),
            new Check(
                    "no answer may be stored or taken for another type",
                    "API: Headers of answers",
                    AnswerChecks::safety),
            new Check("no answer says what software runs", "API: Headers of answers", AnswerChecks::software),
            new Check("an error has the shape of the dialect that was called", "API: Errors", AnswerChecks::shapes));

    private AnswerChecks() {}

    private static Map<String, Reply> replies(Target target) {
        Map<String, Reply> replies = new LinkedHashMap<>();
        replies.put("a list", target.get("/api/tags").send());
        replies.put("a 400", target.post("/api/chat", "{").send());
        replies.put("a 401", target.get("/api/tags").key(null).send());
        replies.put("a 403", target.post("/api/pull", "{}").send());
        replies.put("a 404", target.get("/nowhere").send());
        replies.put("a 405", target.get("/api/chat").send());
        replies.put("a probe", target.get("/healthz").key(null).send());
        replies.put(
                "a chat",
                target.post(
                                "/api/chat",
                                target.chat(target.model()).put("stream", false).toString())
                        .send());
        return replies;
    }

    private static Outcome requestIds(Target target) {
        Findings findings = new Findings();
        Set<String> ids = new HashSet<>();
        replies(target).forEach((what, reply) -> {
            String id = reply.header("X-Request-ID");
            findings.expect(!id.isEmpty(), what + " has no X-Request-ID")
                    .expect(id.isEmpty() || ids.add(id), what + " has the X-Request-ID of another answer");
        });
        Reply forced = target.get("/api/tags")
                .header("X-Request-ID", "chosen-by-client")
                .send();
        Reply messages = target.post("/v1/messages", "{").send();
        return findings.expect(
                        !forced.header("X-Request-ID").equals("chosen-by-client"),
                        "a client may choose the X-Request-ID")
                .expect(
                        messages.header("request-id").equals(messages.header("X-Request-ID")),
                        "/v1/messages has no request-id, or another one")
                .outcome(ids.size() + " answers, " + ids.size() + " ids");
    }

    private static Outcome safety(Target target) {
        Findings findings = new Findings();
        replies(target)
                .forEach((what, reply) -> findings.expect(
                                reply.header("Cache-Control").contains("no-store"), what + " may be stored")
                        .expect(
                                reply.header("X-Content-Type-Options").equals("nosniff"),
                                what + " has no X-Content-Type-Options: nosniff"));
        return findings.outcome("no-store and nosniff on each");
    }

    private static Outcome software(Target target) {
        Findings findings = new Findings();
        replies(target).forEach((what, reply) -> {
            for (String name : List.of("Server", "X-Powered-By", "Via")) {
                findings.expect(
                        reply.header(name).isEmpty(), what + " has a header " + name + ": " + reply.header(name));
            }
        });
        return findings.outcome("no Server, X-Powered-By or Via");
    }

    private static Outcome shapes(Target target) {
        JsonNode ollama = target.post("/api/chat", "{").send().json();
        JsonNode openai = target.post("/v1/chat/completions", "{").send().json().path("error");
        JsonNode anthropic = target.post("/v1/messages", "{").send().json();
        return new Findings()
                .expect(
                        ollama.path("error").isTextual()
                                && ollama.path("code").isTextual()
                                && ollama.path("request_id").isTextual(),
                        "/api/chat does not answer {error, code, request_id} but " + ollama)
                .expect(
                        openai.path("message").isTextual()
                                && openai.path("type").isTextual()
                                && openai.has("param")
                                && openai.path("code").isTextual(),
                        "/v1/chat/completions does not answer {error: {message, type, param, code}} but " + openai)
                .expect(
                        anthropic.path("type").asText().equals("error")
                                && anthropic.path("error").path("type").isTextual()
                                && anthropic.path("error").path("message").isTextual(),
                        "/v1/messages does not answer {type: error, error: {type, message}} but " + anthropic)
                .outcome("Ollama's, OpenAI's and Anthropic's");
    }
}
