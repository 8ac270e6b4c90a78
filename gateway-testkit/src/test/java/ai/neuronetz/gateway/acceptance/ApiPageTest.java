package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.ollama.Dialect;
import ai.neuronetz.gateway.ollama.DialectErrors;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.Route;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The tables of {@code docs/API.md} say what the code does, no less and no more. */
@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ApiPageTest {

    private static final Path PAGE = Path.of("../docs/API.md");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a server adds to every answer, whoever makes it. */
    private static final Set<String> HTTP = Set.of("content-length", "transfer-encoding", "date", "connection");

    @Test
    void the_endpoints_are_those_that_are_served() {
        assertThat(cells("method", "path", "dialect", "what happens").map(row -> row.subList(0, 3)))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Endpoint.values())
                        .map(endpoint -> List.of(
                                String.join(", ", endpoint.methods()), endpoint.path(), name(endpoint.dialect())))
                        .toList());
    }

    @Test
    void the_blocked_paths_are_those_that_are_blocked() {
        assertThat(cells("path").map(row -> row.get(0))).containsExactlyInAnyOrderElementsOf(Route.BLOCKED);
    }

    @Test
    void the_errors_are_those_that_can_be_answered() {
        assertThat(cells("code", "status", "OpenAI type", "Anthropic type", "Retry-After", "when")
                        .map(row -> row.subList(0, 5)))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Reason.values())
                        .map(reason -> List.of(
                                reason.code(),
                                Integer.toString(reason.status()),
                                type(Dialect.OPENAI, reason),
                                type(Dialect.ANTHROPIC, reason),
                                retryAfter(reason)))
                        .collect(Collectors.toSet()));
    }

    @Test
    void the_headers_are_those_that_are_sent(TestGateway gateway) {
        TestGateway.Tenant tenant = gateway.tenant().limits(new Limits(2L, 1_000_000L, null, null, 500_000L, null));
        TestClient client = new TestClient(gateway.url(), tenant.key().secret());
        List<HttpResponse<String>> answers = List.of(
                new TestClient(gateway.url(), null).get("/api/tags"),
                client.get("/api/tags"),
                client.get("/api/chat"),
                client.post("/api/chat", TestClient.CHAT.replaceFirst("\\{", "{\"keep_alive\":-1,")),
                client.post("/v1/chat/completions", TestClient.CHAT_SSE),
                client.post("/api/chat", TestClient.CHAT),
                client.post("/v1/messages", "{}"));
        assertThat(answers).extracting(HttpResponse::statusCode).containsExactly(401, 200, 405, 200, 200, 429, 400);

        Set<String> sent = new TreeSet<>();
        answers.forEach(answer -> sent.addAll(answer.headers().map().keySet()));
        sent.removeAll(HTTP);
        assertThat(cells("header", "on", "value").map(row -> row.get(0).toLowerCase(Locale.ROOT)))
                .containsExactlyInAnyOrderElementsOf(
                        sent.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet()));
        List<String> always = cells("header", "on", "value")
                .filter(row -> row.get(1).equals("every answer"))
                .map(row -> row.get(0))
                .toList();
        assertThat(always).hasSize(4);
        assertThat(answers)
                .allSatisfy(answer -> always.forEach(name ->
                        assertThat(answer.headers().firstValue(name)).as(name).isPresent()));
    }

    private static String retryAfter(Reason reason) {
        if (reason.status() == 429) {
            return "until then";
        }
        return Denial.of(reason).retryAfter() == null
                ? "–"
                : Long.toString(Denial.of(reason).retryAfter().toSeconds());
    }

    private static String type(Dialect dialect, Reason reason) {
        try {
            return JSON.readTree(DialectErrors.body(dialect, reason, null, "id"))
                    .at("/error/type")
                    .textValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Dialect dialect) {
        return switch (dialect) {
            case OLLAMA -> "Ollama";
            case OPENAI -> "OpenAI";
            case ANTHROPIC -> "Anthropic";
        };
    }

    /** The cells, without the marks of code, of every row of the one table with these columns. */
    private static Stream<List<String>> cells(String... columns) {
        List<String> lines;
        try {
            lines = Files.readAllLines(PAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int head = lines.indexOf("| " + String.join(" | ", columns) + " |");
        assertThat(head).as("the table of %s", Arrays.toString(columns)).isNotNegative();
        return lines.subList(head + 2, lines.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.substring(1).split("\\|", -1))
                        .map(cell -> cell.strip().replace("`", ""))
                        .limit(columns.length)
                        .toList());
    }
}
