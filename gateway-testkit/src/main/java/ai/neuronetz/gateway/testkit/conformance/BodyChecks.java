package ai.neuronetz.gateway.testkit.conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a body may be. */
final class BodyChecks {

    static final List<Check> CHECKS = List.of(
            new Check("a body is one strict JSON object", "API: Errors, invalid_json", BodyChecks::strict),
            new Check("an encoded body is refused", "API: Errors, unsupported_encoding", BodyChecks::encoded),
            new Check("a body that is too large is refused", "API: Errors, body_too_large", BodyChecks::large),
            new Check("a request that only loads a model is refused", "API: Errors, load_refused", BodyChecks::load),
            new Check(
                    "keep_alive is dropped and named",
                    "API: Headers of answers, X-Gateway-Adjusted",
                    BodyChecks::keepAlive),
            new Check(
                    "what a client asks too much of is clamped and named",
                    "API: Headers of answers, X-Gateway-Adjusted",
                    BodyChecks::clamped));

    private BodyChecks() {}

    private static Outcome strict(Target target) {
        String chat = target.chat(target.model()).put("stream", false).toString();
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("nothing", "");
        bodies.put("null", "null");
        bodies.put("an array", "[" + chat + "]");
        bodies.put("half an object", chat.substring(0, chat.length() - 1));
        bodies.put("two objects", chat + chat);
        bodies.put("a byte order mark", "\uFEFF" + chat);
        bodies.put("a key twice", chat.replaceFirst("\\{", "{\"model\":\"x\","));
        bodies.put("a key in two cases", chat.replaceFirst("\\{", "{\"MODEL\":\"x\","));
        bodies.put("a key in another case", chat.replaceFirst("\"model\"", "\"Model\""));
        bodies.put("a comment", chat.replaceFirst("\\{", "{/*x*/"));
        bodies.put("500 brackets", chat.replaceFirst("\\{", "{\"x\":" + "[".repeat(500) + "]".repeat(500) + ","));
        Findings findings = new Findings();
        bodies.forEach((what, body) -> {
            for (String path : List.of("/api/chat", "/v1/chat/completions")) {
                Reply reply = target.post(path, body).send();
                findings.status(what + " at " + path, reply, 400)
                        .expect(
                                reply.status() != 400 || reply.code().equals("invalid_json"),
                                what + " at " + path + " is refused for another reason: " + reply);
            }
        });
        return findings.outcome("400 invalid_json to " + String.join(", ", bodies.keySet()));
    }

    private static Outcome encoded(Target target) {
        String chat = target.chat(target.model()).toString();
        Findings findings = new Findings();
        for (String encoding : List.of("gzip", "deflate", "br", "identity, gzip")) {
            Reply reply = target.post("/api/chat", chat)
                    .header("Content-Encoding", encoding)
                    .send();
            findings.status("Content-Encoding: " + encoding, reply, 415);
        }
        return findings.outcome("415");
    }

    private static Outcome large(Target target) {
        int limit = target.options().maxBodyBytes();
        byte[] body = target.chat("x".repeat(limit)).toString().getBytes(StandardCharsets.UTF_8);
        String head = "POST " + target.target("/api/chat") + " HTTP/1.1\r\nHost: "
                + target.options().url().getRawAuthority()
                + "\r\nAuthorization: Bearer " + target.options().keys().main()
                + "\r\nContent-Length: 9000000000\r\n\r\n";
        List<Integer> declared = target.raw(head).statuses();
        return new Findings()
                .expect(
                        declared.equals(List.of(413)),
                        "a declared length of 9 GB was answered " + declared + ", not 413")
                .status(
                        "more than " + limit + " bytes in chunks",
                        target.postChunked("/api/chat", body).send(),
                        413)
                .outcome("413, declared and in chunks");
    }

    private static Outcome load(Target target) {
        ObjectNode load = target.chat(target.model());
        load.remove("messages");
        Reply reply = target.post("/api/generate", load.toString()).send();
        return new Findings()
                .status("a request without a prompt", reply, 400)
                .expect(reply.code().equals("load_refused"), "it was not refused as load_refused but as " + reply)
                .outcome("400 load_refused");
    }

    private static Outcome keepAlive(Target target) {
        Reply reply = target.post(
                        "/api/chat",
                        target.chat(target.model())
                                .put("stream", false)
                                .put("keep_alive", -1)
                                .toString())
                .send();
        return new Findings()
                .status("a chat with keep_alive", reply, 200)
                .expect(
                        reply.header("X-Gateway-Adjusted").contains("keep_alive"),
                        "X-Gateway-Adjusted does not name keep_alive")
                .outcome("200, " + reply.header("X-Gateway-Adjusted"));
    }

    private static Outcome clamped(Target target) {
        ObjectNode chat = target.chat(target.model()).put("stream", false).put("max_tokens", 1_000_000_000);
        Reply reply = target.post("/v1/chat/completions", chat.toString()).send();
        return new Findings()
                .status("a chat of 1,000,000,000 tokens", reply, 200)
                .expect(
                        reply.header("X-Gateway-Adjusted").contains("max_tokens"),
                        "X-Gateway-Adjusted does not name max_tokens: " + reply.header("X-Gateway-Adjusted"))
                .outcome("200, " + reply.header("X-Gateway-Adjusted"));
    }
}
