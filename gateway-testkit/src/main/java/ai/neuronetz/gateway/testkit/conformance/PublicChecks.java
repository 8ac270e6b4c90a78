package ai.neuronetz.gateway.testkit.conformance;

import java.util.List;

/** What anybody may ask. */
final class PublicChecks {

    static final List<Check> CHECKS = List.of(
            new Check("probes are public and say nothing more", "API: Endpoints", PublicChecks::probes),
            new Check("the root says that a server is there", "API: Endpoints", PublicChecks::root),
            new Check("metrics are not on the public port", "OPERATIONS: What to watch", PublicChecks::metrics),
            new Check(
                    "the playground is off, or held by a content security policy",
                    "PLAYGROUND",
                    PublicChecks::playground));

    private PublicChecks() {}

    private static Outcome probes(Target target) {
        Findings findings = new Findings();
        for (String path : List.of("/livez", "/readyz", "/healthz")) {
            Reply get = target.get(path).key(null).send();
            Reply head = target.method("HEAD", path).key(null).send();
            findings.status("GET " + path, get, 200)
                    .status("HEAD " + path, head, 200)
                    .expect(get.body().length() < 500, path + " says more than one word for each store")
                    .expect(head.body().isEmpty(), "HEAD " + path + " has a body");
        }
        return findings.outcome("200 without a key");
    }

    private static Outcome root(Target target) {
        return new Findings()
                .status("GET /", target.get("/").send(), 200)
                .status("HEAD /", target.method("HEAD", "/").send(), 200)
                .status("GET / without a key", target.get("/").key(null).send(), 401)
                .outcome("200 with a key, 401 without");
    }

    private static Outcome metrics(Target target) {
        Findings findings = new Findings();
        for (String path : List.of("/metrics", "/actuator/prometheus", "/prometheus", "/actuator")) {
            findings.status(
                            "GET " + path + " without a key",
                            target.get(path).key(null).send(),
                            401)
                    .status("GET " + path, target.get(path).send(), 404);
        }
        return findings.outcome("401 without a key, 404 with one");
    }

    private static Outcome playground(Target target) {
        Reply reply = target.get("/playground").key(null).send();
        if (reply.status() == 401) {
            return new Findings()
                    .status(
                            "GET /playground with a key",
                            target.get("/playground").send(),
                            404)
                    .outcome("off");
        }
        return new Findings()
                .status("GET /playground", reply, 200)
                .expect(
                        reply.header("Content-Security-Policy").contains("default-src 'none'"),
                        "/playground has no Content-Security-Policy that begins with nothing")
                .outcome("served with " + reply.header("Content-Security-Policy"));
    }
}
