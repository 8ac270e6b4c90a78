package ai.neuronetz.gateway.testkit.conformance;

import java.util.List;

/** What can be called. */
final class PathChecks {

    static final List<Check> CHECKS = List.of(
            new Check("endpoints that change the model server are blocked", "API: Endpoints", PathChecks::blocked),
            new Check("what is not in the table is not there", "API: Endpoints", PathChecks::unknown),
            new Check("a known path with another method names the right ones", "API: Endpoints", PathChecks::methods),
            new Check("no other spelling of a path reaches it", "API: Endpoints", PathChecks::spellings));

    private PathChecks() {}

    private static Outcome blocked(Target target) {
        Findings findings = new Findings();
        for (String path : List.of(
                "/api/pull",
                "/api/push",
                "/api/create",
                "/api/copy",
                "/api/delete",
                "/api/blobs",
                "/api/blobs/sha256:00")) {
            for (String method : List.of("GET", "POST", "PUT", "DELETE")) {
                Reply reply = target.method(method, path).send();
                findings.status(method + " " + path, reply, 403)
                        .expect(
                                reply.status() != 403 || reply.code().equals("endpoint_blocked"),
                                method + " " + path + " is 403 for another reason: " + reply);
            }
        }
        return findings.outcome("403 endpoint_blocked with any method");
    }

    private static Outcome unknown(Target target) {
        Findings findings = new Findings();
        for (String path : List.of("/api/ps", "/api/me", "/api/signout", "/v1", "/api", "/debug/pprof/", "/nowhere")) {
            findings.status("GET " + path, target.get(path).send(), 404)
                    .status("POST " + path, target.post(path, "{}").send(), 404);
        }
        return findings.outcome("404");
    }

    private static Outcome methods(Target target) {
        Findings findings = new Findings();
        for (String path : List.of("/api/chat", "/api/generate", "/v1/chat/completions", "/v1/messages")) {
            for (String method : List.of("GET", "PUT", "DELETE", "PATCH")) {
                not(findings, method + " " + path, target.method(method, path).send(), "POST");
            }
        }
        not(findings, "POST /api/tags", target.post("/api/tags", "{}").send(), "GET");
        return findings.outcome("405 with Allow");
    }

    private static void not(Findings findings, String asked, Reply reply, String allowed) {
        findings.status(asked, reply, 405)
                .expect(
                        reply.status() != 405 || reply.header("Allow").contains(allowed),
                        asked + " is not told Allow: " + allowed);
    }

    /**
     * 400 is the server's own answer to what it cannot read. On a bare connection, because HTTP clients tidy targets up
     * themselves.
     */
    private static Outcome spellings(Target target) {
        Findings findings = new Findings();
        String chat = target.chat(target.model()).put("stream", false).toString();
        String head = "POST %s HTTP/1.1\r\nHost: " + target.options().url().getRawAuthority()
                + "\r\nAuthorization: Bearer " + target.options().keys().main()
                + "\r\nConnection: close\r\nContent-Length: " + chat.length() + "\r\n\r\n";
        for (String path : List.of(
                "//api/chat",
                "/api//chat",
                "/api/chat/",
                "/API/chat",
                "/api/%63hat",
                "/api%2Fchat",
                "/api/./chat",
                "/api/../api/chat",
                "/api/x/../chat",
                "/api/chat;x",
                "/api/chat;x=1",
                "/api;x/chat",
                "/api/chat%20",
                "/api/chat%00",
                "/api/chat?",
                "/api/chat?x=1")) {
            List<Integer> statuses = statuses(target, head.formatted(target.target(path)) + chat);
            findings.expect(
                    statuses.equals(List.of(404)) || statuses.equals(List.of(400)),
                    "POST " + path + " was answered " + statuses + ", not 404 or 400");
        }
        return findings.outcome("404, or 400 from the server in front");
    }

    /** A gateway that answers before it has read the body closes the connection, and what it said can be lost on the way. */
    private static List<Integer> statuses(Target target, String request) {
        List<Integer> statuses = target.raw(request).statuses();
        for (int tries = 0; statuses.isEmpty() && tries < 3; tries++) {
            statuses = target.raw(request).statuses();
        }
        return statuses;
    }
}
