package ai.neuronetz.gateway.testkit.conformance;

import ai.neuronetz.gateway.identity.ApiKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who is let in. */
final class CredentialChecks {

    static final List<Check> CHECKS = List.of(
            new Check("every wrong key is told the same", "API: Credentials", CredentialChecks::wrongKeys),
            new Check("without a key no path can be told from another", "API: Credentials", CredentialChecks::paths),
            new Check(
                    "a key in a query, a cookie or another header is no key",
                    "API: Credentials",
                    CredentialChecks::elsewhere),
            new Check("two credentials are refused", "API: Credentials", CredentialChecks::two),
            new Check("x-api-key counts at /v1/messages", "API: Credentials", CredentialChecks::anthropic));

    private CredentialChecks() {}

    private static Outcome wrongKeys(Target target) {
        Map<String, Reply> replies = new LinkedHashMap<>();
        replies.put("no key", target.get("/api/tags").key(null).send());
        replies.put("a malformed key", target.get("/api/tags").key("nonsense").send());
        replies.put(
                "an unknown key",
                target.get("/api/tags").key(ApiKey.generate().reveal()).send());
        replies.put(
                "another scheme",
                target.get("/api/tags")
                        .key(null)
                        .header("Authorization", "Basic bm86Ym9keQ==")
                        .send());
        String revoked = target.options().keys().revoked();
        if (revoked != null) {
            replies.put("a revoked key", target.get("/api/tags").key(revoked).send());
        }
        if (replies.values().stream().anyMatch(Reply::barred)) {
            return new Outcome.Skipped("too many attempts from this address; wait a minute");
        }
        Findings findings = new Findings();
        Set<String> bodies = new LinkedHashSet<>();
        replies.forEach((what, reply) -> {
            bodies.add(reply.text());
            findings.status(what, reply, 401)
                    .expect(
                            reply.header("WWW-Authenticate").startsWith("Bearer"),
                            what + " gets no WWW-Authenticate: Bearer");
        });
        return findings.expect(bodies.size() == 1, "the bodies of the 401 differ: " + bodies)
                .outcome("401 with one body to " + String.join(", ", replies.keySet()));
    }

    private static Outcome paths(Target target) {
        Findings findings = new Findings();
        Set<String> bodies = new LinkedHashSet<>();
        for (String path : List.of("/", "/api/tags", "/api/chat", "/api/pull", "/api/ps", "/nowhere", "/api/blobs/x")) {
            for (String method : List.of("GET", "POST", "DELETE")) {
                Reply reply = target.method(method, path).key(null).send();
                findings.status(method + " " + path, reply, 401);
                bodies.add(reply.text());
            }
        }
        return findings.expect(bodies.size() == 1, "the bodies of the 401 differ: " + bodies)
                .outcome("401 with one body on every path");
    }

    private static Outcome elsewhere(Target target) {
        String key = target.options().keys().main();
        Map<String, Reply> replies = new LinkedHashMap<>();
        for (String name : List.of("key", "api_key", "access_token")) {
            replies.put(
                    "?" + name + "=",
                    target.get("/api/tags?" + name + "=" + key).key(null).send());
        }
        replies.put(
                "a cookie",
                target.get("/api/tags").key(null).header("Cookie", "key=" + key).send());
        replies.put(
                "x-api-key",
                target.get("/api/tags").key(null).header("x-api-key", key).send());
        replies.put(
                "Proxy-Authorization",
                target.get("/api/tags")
                        .key(null)
                        .header("Proxy-Authorization", "Bearer " + key)
                        .send());
        Findings findings = new Findings();
        replies.forEach((where, reply) -> findings.status("a key in " + where, reply, 401));
        return findings.outcome("401 to a key in " + String.join(", ", replies.keySet()));
    }

    private static Outcome two(Target target) {
        String header = "Bearer " + target.options().keys().main();
        Findings findings = new Findings();
        List<Reply> replies = new ArrayList<>();
        replies.add(target.get("/api/tags").header("Authorization", header).send());
        replies.add(target.post("/v1/messages", "{}")
                .header("x-api-key", target.options().keys().main())
                .send());
        replies.forEach(reply -> findings.status("a key that is sent twice", reply, 400));
        return findings.outcome("400");
    }

    private static Outcome anthropic(Target target) {
        Reply reply = target.post("/v1/messages", "{")
                .key(null)
                .header("x-api-key", target.options().keys().main())
                .send();
        return new Findings()
                .status("a broken body with a key in x-api-key", reply, 400)
                .outcome("it was let in");
    }
}
