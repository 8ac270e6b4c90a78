package ai.neuronetz.gateway.testkit.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Which models a key sees. */
final class ModelChecks {

    private static final String MISSING = "no-such-model-here:1b";

    static final List<Check> CHECKS = List.of(
            new Check("the lists hold what the key may use and nothing else", "API: Endpoints", ModelChecks::lists),
            new Check(
                    "a forbidden model cannot be told from a missing one",
                    "API: Errors, model_not_permitted",
                    ModelChecks::forbidden));

    private ModelChecks() {}

    private static Outcome lists(Target target) {
        List<String> tags = names(target.get("/api/tags").send().json().path("models"), "name");
        List<String> models = names(target.get("/v1/models").send().json().path("data"), "id");
        Findings findings = new Findings()
                .expect(!tags.isEmpty(), "/api/tags is empty or cannot be read")
                .expect(tags.equals(models), "/api/tags lists " + tags + ", /v1/models " + models);
        for (String name : tags) {
            findings.status(
                    "GET /v1/models/" + name, target.get("/v1/models/" + name).send(), 200);
        }
        String forbidden = target.options().forbiddenModel();
        findings.expect(
                forbidden.isEmpty() || !tags.contains(forbidden), "/api/tags lists the forbidden model " + forbidden);
        return findings.outcome(tags.size() + " models, the same in both dialects");
    }

    private static List<String> names(JsonNode entries, String field) {
        List<String> names = new ArrayList<>();
        entries.forEach(entry -> names.add(entry.path(field).asText()));
        return names;
    }

    private static Outcome forbidden(Target target) {
        String forbidden = target.options().forbiddenModel();
        if (forbidden.isEmpty()) {
            return new Outcome.Skipped("give --forbidden-model");
        }
        Findings findings = new Findings();
        for (String path : List.of("/api/chat", "/v1/chat/completions", "/v1/messages", "/api/show")) {
            same(
                    findings,
                    "POST " + path,
                    target.post(path, target.chat(forbidden).toString()).send(),
                    target.post(path, target.chat(MISSING).toString()).send());
        }
        same(
                findings,
                "GET /v1/models/{model}",
                target.get("/v1/models/" + forbidden).send(),
                target.get("/v1/models/" + MISSING).send());
        return findings.outcome("403 with the same bytes and headers");
    }

    private static void same(Findings findings, String asked, Reply forbidden, Reply missing) {
        findings.status(asked + " of the forbidden model", forbidden, 403)
                .status(asked + " of a missing model", missing, 403)
                .expect(
                        forbidden.text().equals(missing.text()),
                        asked + " tells them apart: " + forbidden.text() + " and " + missing.text())
                .expect(
                        forbidden.form().equals(missing.form()),
                        asked + " tells them apart by headers: " + forbidden.form() + " and " + missing.form());
    }
}
