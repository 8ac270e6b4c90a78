package ai.neuronetz.gateway.testkit.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.testkit.TestGateway;
import ai.neuronetz.gateway.testkit.TestRedis;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ConformanceTest {

    private static final String MODEL = "llama3.2:3b";
    private static final String FORBIDDEN = "qwen3:8b";

    /** Its own, because the failures of this address would bar other tests. */
    private static TestRedis redis;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        redis = TestRedis.start();
        gateway = TestGateway.builder()
                .redis(redis)
                .settings(settings -> settings.authFailuresPerMinute(100_000))
                .start();
        gateway.ollama().models(MODEL, FORBIDDEN);
        String check = "the lists hold what the key may use and nothing else";
        await().until(() -> run(gateway.url().toString(), keys(), "--only", check).exit == 0);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        redis.close();
    }

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("CONFORMANCE_KEY", gateway.tenant().models(MODEL).key().secret());
        return keys;
    }

    private static Map<String, String> allKeys() {
        Map<String, String> keys = keys();
        keys.put("CONFORMANCE_OTHER_KEY", gateway.tenant().models(MODEL).key().secret());
        keys.put(
                "CONFORMANCE_LIMITED_KEY",
                gateway.tenant()
                        .models(MODEL)
                        .key()
                        .limits(new Limits(5L, null, null, null, null, null))
                        .secret());
        TestGateway.Key revoked = gateway.tenant().key();
        revoked.revoke();
        keys.put("CONFORMANCE_REVOKED_KEY", revoked.secret());
        return keys;
    }

    @Test
    void a_gateway_keeps_every_guarantee_and_no_key_is_printed() {
        Map<String, String> keys = allKeys();

        Run run = run(gateway.url().toString(), keys, "--model", MODEL, "--forbidden-model", FORBIDDEN);

        assertThat(run.out).doesNotContain("FAIL", "SKIP");
        assertThat(run.out).contains(ConformanceMain.checks().size() + " passed, 0 failed, 0 skipped");
        assertThat(run.out).doesNotContain(keys.values());
        assertThat(run.exit).isZero();
    }

    @Test
    void what_it_has_no_key_for_is_skipped_and_says_why() {
        Run run = run(gateway.url().toString() + "/", keys());

        assertThat(run.exit).isZero();
        assertThat(run.out)
                .contains("give --forbidden-model", "give a key with a small limit")
                .contains(" 0 failed, 3 skipped");
    }

    @Test
    void json_holds_every_check(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("key"), keys().get("CONFORMANCE_KEY") + "\n");

        Run run = run(gateway.url().toString(), Map.of(), "--key-file", file.toString(), "--json");

        JsonNode report = new ObjectMapper().readTree(run.out);
        assertThat(report.path("failed").asInt(-1)).isZero();
        assertThat(report.path("checks")).hasSameSizeAs(ConformanceMain.checks());
        assertThat(report.at("/checks/0/verdict").asText()).isEqualTo("PASS");
    }

    @Test
    void wrong_usage_and_no_gateway_are_2() {
        Map<String, String> keys = keys();
        String key = keys.get("CONFORMANCE_KEY");

        for (Run run : List.of(
                run("http://127.0.0.1:1", keys),
                run("ftp://127.0.0.1", keys),
                run(gateway.url() + "/path", keys),
                run(gateway.url() + "/a%20path", keys),
                run(gateway.url() + "/path#there", keys),
                run("no url at all", keys),
                run(gateway.url().toString(), Map.of()),
                run(gateway.url().toString(), Map.of("CONFORMANCE_KEY", key + "\r\n" + key)),
                run(gateway.url().toString(), Map.of("CONFORMANCE_KEY", key.substring(1))),
                run(gateway.url().toString(), keys, "--key", key),
                run(gateway.url().toString(), keys, "--key-file", "/nowhere"),
                run(gateway.url().toString(), keys, "--timeout-seconds", "x"),
                run(gateway.url().toString(), keys, "--only", "no check has this name"))) {
            assertThat(run.exit).isEqualTo(2);
            assertThat(run.err).isNotEmpty().doesNotContain(key);
            assertThat(run.out).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breakages")
    void a_broken_gateway_fails_the_check_of_what_is_broken(
            String what, Breakage breakage, String check, String message) throws Exception {
        Map<String, String> keys = keys();
        String key = keys.get("CONFORMANCE_KEY");
        String[] more = {"--model", MODEL, "--forbidden-model", FORBIDDEN, "--only", check};
        try (BrokenGateway whole = new BrokenGateway(gateway.url(), key, new Breakage() {});
                BrokenGateway broken = new BrokenGateway(gateway.url(), key, breakage)) {
            assertThat(run(whole.url(), keys, more).out).contains(" 0 failed,");

            Run run = run(broken.url(), keys, more);

            assertThat(run.exit).isEqualTo(1);
            assertThat(run.line(check)).isEqualTo("FAIL");
            assertThat(run.out).contains(message).doesNotContain(key);
        }
    }

    static Stream<Arguments> breakages() {
        return Stream.of(
                broken(
                        "says what software it is",
                        (asked, body, answered) -> answered.header("Server", "nginx/1.2.3"),
                        "no answer says what software runs",
                        "a list has a header Server: nginx/1.2.3"),
                broken(
                        "tells a missing key from a wrong one",
                        (asked, body, answered) ->
                                answered.status() == 401 && !asked.headers().containsKey("Authorization")
                                        ? answered.body("{\"error\":\"no key\"}")
                                        : answered,
                        "every wrong key is told the same",
                        "the bodies of the 401 differ: "),
                asking(
                        "normalises paths",
                        asked -> asked.target(asked.target().replace("//", "/").replace("/x/..", "")),
                        "no other spelling of a path reaches it",
                        "POST //api/chat was answered [200], not 404 or 400"),
                broken(
                        "lets a path of Ollama's through",
                        (asked, body, answered) -> asked.target().equals("/api/ps")
                                ? new Breakage.Answered(200, answered.headers(), "{\"models\":[]}")
                                : answered,
                        "what is not in the table is not there",
                        "GET /api/ps was answered 200, not 404"),
                broken(
                        "lets pull through",
                        (asked, body, answered) -> asked.target().equals("/api/pull")
                                ? new Breakage.Answered(200, answered.headers(), "{\"status\":\"success\"}")
                                : answered,
                        "endpoints that change the model server are blocked",
                        "POST /api/pull was answered 200, not 403"),
                broken(
                        "drops [DONE]",
                        (asked, body, answered) -> answered.body(answered.body().replace("data: [DONE]", "")),
                        "OpenAI's stream ends with [DONE]",
                        "/v1/chat/completions does not end with data: [DONE] but with: data: {"),
                broken(
                        "names the forbidden model",
                        (asked, body, answered) -> answered.status() == 403 && body.contains(FORBIDDEN)
                                ? answered.body(answered.body().replace("This model", "The model " + FORBIDDEN))
                                : answered,
                        "a forbidden model cannot be told from a missing one",
                        "POST /api/chat tells them apart: {\"error\":\"The model " + FORBIDDEN),
                asking(
                        "takes a key in the query",
                        asked -> asked.target().contains("?key=")
                                ? asked.target(asked.target().split("\\?", 2)[0])
                                        .withKey()
                                : asked,
                        "a key in a query, a cookie or another header is no key",
                        "a key in ?key= was answered 200, not 401"),
                broken(
                        "lists what the key may not use",
                        (asked, body, answered) -> asked.target().equals("/api/tags")
                                ? answered.body(answered.body()
                                        .replace("\"models\":[", "\"models\":[{\"name\":\"" + FORBIDDEN + "\"},"))
                                : answered,
                        "the lists hold what the key may use and nothing else",
                        "/api/tags lists the forbidden model " + FORBIDDEN),
                broken(
                        "forgets the request id",
                        (asked, body, answered) -> answered.header("X-Request-ID", null),
                        "every answer has a request id of its own",
                        "a list has no X-Request-ID"));
    }

    private interface Answering {
        Breakage.Answered answered(Breakage.Asked asked, String body, Breakage.Answered answered);
    }

    private interface Asking {
        Breakage.Asked asked(Breakage.Asked asked);
    }

    private static Arguments broken(String what, Answering how, String check, String message) {
        Breakage breakage = new Breakage() {
            @Override
            public Answered answered(Asked asked, String body, Answered answered) {
                return how.answered(asked, body, answered);
            }
        };
        return arguments(what, breakage, check, message);
    }

    private static Arguments asking(String what, Asking how, String check, String message) {
        Breakage breakage = new Breakage() {
            @Override
            public Asked asked(Asked asked) {
                return how.asked(asked);
            }
        };
        return arguments(what, breakage, check, message);
    }

    private record Run(int exit, String out, String err) {

        String line(String check) {
            return out.lines()
                    .filter(line -> line.startsWith(check))
                    .map(line -> line.substring(check.length()).strip().substring(0, 4))
                    .findFirst()
                    .orElse("");
        }
    }

    private static Run run(String url, Map<String, String> keys, String... more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of("--url", url));
        arguments.addAll(List.of(more));
        int exit = ConformanceMain.run(
                arguments.toArray(String[]::new),
                keys,
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8));
        return new Run(exit, out.toString(UTF_8), err.toString(UTF_8));
    }
}
