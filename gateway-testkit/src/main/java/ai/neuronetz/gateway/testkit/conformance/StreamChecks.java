package ai.neuronetz.gateway.testkit.conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Whole answers and streams. */
final class StreamChecks {

    static final List<Check> CHECKS = List.of(
            new Check("a chat is answered whole in every dialect", "API: Endpoints", StreamChecks::whole),
            new Check("Ollama's stream ends with done", "API: Endpoints", StreamChecks::ollama),
            new Check("OpenAI's stream ends with [DONE]", "API: Endpoints", StreamChecks::openai),
            new Check("Anthropic's stream ends with message_stop", "API: Endpoints", StreamChecks::anthropic),
            new Check("OpenAI's usage chunk comes to who asks for it", "API: Endpoints", StreamChecks::usage));

    private StreamChecks() {}

    private static ObjectNode chat(Target target, boolean stream) {
        return target.chat(target.model()).put("stream", stream);
    }

    private static Outcome whole(Target target) {
        Findings findings = new Findings();
        for (String path : List.of("/api/chat", "/v1/chat/completions", "/v1/messages")) {
            Reply reply = target.post(path, chat(target, false).toString()).send();
            findings.status("POST " + path, reply, 200)
                    .expect(
                            reply.header("Content-Type").startsWith("application/json")
                                    && reply.json().isObject(),
                            path + " does not answer one JSON object");
        }
        return findings.outcome("200 and JSON from /api/chat, /v1/chat/completions and /v1/messages");
    }

    private static Outcome ollama(Target target) {
        return streamed(target, "/api/chat", "application/x-ndjson", "\"done\":true");
    }

    private static Outcome openai(Target target) {
        return streamed(target, "/v1/chat/completions", "text/event-stream", "data: [DONE]");
    }

    private static Outcome anthropic(Target target) {
        return streamed(target, "/v1/messages", "text/event-stream", "\"message_stop\"");
    }

    private static Outcome streamed(Target target, String path, String type, String end) {
        Reply reply = target.post(path, chat(target, true).toString()).send();
        List<String> lines =
                reply.body().lines().filter(line -> !line.isBlank()).toList();
        String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        return new Findings()
                .status("POST " + path, reply, 200)
                .expect(
                        reply.header("Content-Type").startsWith(type),
                        path + " streams as " + reply.header("Content-Type") + ", not as " + type)
                .expect(lines.size() > 1, path + " does not stream: it has " + lines.size() + " lines")
                .expect(
                        last.replace(" ", "").contains(end.replace(" ", "")),
                        path + " does not end with " + end + " but with: " + last)
                .outcome(lines.size() + " lines, the last with " + end);
    }

    private static Outcome usage(Target target) {
        ObjectNode asked = chat(target, true);
        asked.putObject("stream_options").put("include_usage", true);
        String path = "/v1/chat/completions";
        Reply with = target.post(path, asked.toString()).send();
        Reply without = target.post(path, chat(target, true).toString()).send();
        return new Findings()
                .status("POST " + path, with, 200)
                .status("POST " + path, without, 200)
                .expect(with.body().contains("\"prompt_tokens\""), "no usage comes to who asks with include_usage")
                .expect(!without.body().contains("\"prompt_tokens\""), "usage comes to who did not ask")
                .outcome("only with include_usage");
    }
}
