package ai.neuronetz.gateway.testkit.conformance;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What limits do. */
final class LimitChecks {

    private static final int MOST = 50;

    static final List<Check> CHECKS = List.of(
            new Check(
                    "of many requests at once as many pass as the limit says",
                    "API: Errors, rate_limit_requests",
                    LimitChecks::exact),
            new Check("one tenant's limit is not another's", "API: Errors, rate_limit_requests", LimitChecks::apart));

    private LimitChecks() {}

    private static Target.Ask chat(Target target, @Nullable String key) {
        return target.post(
                        "/api/chat",
                        target.chat(target.model()).put("stream", false).toString())
                .key(key);
    }

    private static Outcome exact(Target target) {
        String key = target.options().keys().limited();
        if (key == null) {
            return new Outcome.Skipped("give a key with a small limit of requests per minute");
        }
        Reply first = chat(target, key).send();
        int limit = number(first.header("x-ratelimit-limit-requests"));
        int remaining = number(first.header("x-ratelimit-remaining-requests"));
        if (first.status() == 429) {
            return new Outcome.Skipped("the limited key was used within the last minute");
        }
        if (limit > MOST) {
            return new Outcome.Skipped("the limit of " + limit + " is more than " + MOST);
        }
        Findings findings = new Findings()
                .status("the first request", first, 200)
                .expect(limit > 0, "there is no x-ratelimit-limit-requests")
                .expect(
                        !first.header("x-ratelimit-reset-requests").isEmpty(),
                        "there is no x-ratelimit-reset-requests");
        List<CompletableFuture<Reply>> asked = Stream.generate(
                        () -> chat(target, key).sendAsync())
                .limit(Math.max(4, 2L * limit))
                .toList();
        List<Reply> replies = asked.stream().map(CompletableFuture::join).toList();
        long passed = replies.stream().filter(reply -> reply.status() == 200).count();
        replies.stream()
                .filter(reply -> reply.status() != 200)
                .forEach(reply -> findings.status("a request beyond the limit", reply, 429)
                        .expect(number(reply.header("Retry-After")) > 0, "a 429 has no Retry-After"));
        return findings.expect(
                        passed == remaining,
                        passed + " of " + replies.size() + " passed, not the " + remaining + " that remained")
                .outcome(passed + " of " + replies.size() + " passed after the first, of " + limit + " a minute");
    }

    private static Outcome apart(Target target) {
        String other = target.options().keys().other();
        if (other == null || target.options().keys().limited() == null) {
            return new Outcome.Skipped("give a limited key and a key of another tenant");
        }
        return new Findings()
                .status(
                        "another tenant's request meanwhile",
                        chat(target, other).send(),
                        200)
                .outcome("200 to another tenant meanwhile");
    }

    /** -1 if it is none. */
    private static int number(String text) {
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
    }
}
