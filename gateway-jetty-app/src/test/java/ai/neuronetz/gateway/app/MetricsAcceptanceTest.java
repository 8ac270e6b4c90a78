package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.app.Scrape.Sample;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.Route;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a gateway shows to Prometheus that has seen a request of every kind. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@ExtendWith(ObservedRun.Shared.class)
class MetricsAcceptanceTest {

    private static final Pattern OURS = Pattern.compile("(gateway|gen_ai|http_server)_.*");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");

    /** Of our own meters, every label there is, and every value it can have. */
    private static final Map<String, Set<String>> LABELS = Map.ofEntries(
            Map.entry("http_route", routes()),
            Map.entry("http_response_status_code", statuses()),
            Map.entry("error_type", with(codes(), "none", "client_gone")),
            Map.entry("outcome", with(codes(), "reserved", "outdated", "done", "failed", "retried", "dropped")),
            Map.entry("gen_ai_operation_name", Set.of("chat", "text_completion", "embeddings")),
            Map.entry("gen_ai_token_type", Set.of("input", "output")),
            Map.entry("basis", lower(Basis.values())),
            Map.entry(
                    "kind",
                    Set.of("huge", "malformed", "missing", "negative", "understated", "busy", "error", "timeout")),
            Map.entry("reason", Set.of("queue", "redactor_failed", "redactor_late", "store", "switched_off", "other")),
            Map.entry("dependency", Set.of("postgres", "redis", "discovery")),
            Map.entry("version", Set.of(Version.current())));

    private static final Set<String> LABELS_OF_LIBRARIES =
            Set.of("action", "area", "cause", "gc", "id", "runtime", "state", "type", "vendor", "version", "outcome");

    private final ObservedRun run;
    private final Scrape scrape;

    MetricsAcceptanceTest(ObservedRun run) {
        this.run = run;
        this.scrape = Scrape.of(run.scrape());
    }

    @Test
    void every_name_is_conventional_and_described() {
        assertThat(scrape.families()).isNotEmpty().allSatisfy((name, description) -> {
            assertThat(name).matches(NAME);
            assertThat(description).as(name).isNotBlank();
        });
        for (Sample sample : scrape.samples()) {
            if (OURS.matcher(sample.name()).matches()) {
                assertThat(sample.name())
                        .as("times are in seconds")
                        .doesNotContain("_ms")
                        .doesNotContain("_millis");
            }
        }
    }

    @Test
    void every_label_has_a_known_name_and_one_of_a_few_values() {
        for (Sample sample : scrape.samples()) {
            boolean ours = OURS.matcher(sample.name()).matches();
            sample.labels().forEach((label, value) -> {
                if (label.equals("le")) {
                    assertThat(sample.name()).endsWith("_bucket");
                } else if (ours) {
                    assertThat(LABELS).as(sample.name()).containsKey(label);
                    assertThat(LABELS.get(label)).as(sample.name()).contains(value);
                } else {
                    assertThat(LABELS_OF_LIBRARIES).as(sample.name()).contains(label);
                }
            });
        }
    }

    @Test
    void nothing_tells_who_called_or_what_was_asked() {
        String text = run.scrape();

        assertThat(text).doesNotContain(ObservedRun.CANARIES).doesNotContain("watched", "llama3", "nng_");
        run.installation().assertNoSecretIn(text);
    }

    @Test
    void requests_and_tokens_are_counted_by_how_they_ended() {
        assertThat(value("gateway_requests_total", "error_type", "budget_exhausted"))
                .isEqualTo(1);
        assertThat(value("gateway_requests_total", "http_route", "(unknown)")).isEqualTo(1);
        assertThat(value("gateway_requests_total", "error_type", "client_gone")).isEqualTo(1);
        assertThat(value("gateway_tokens_charged_total", "basis", "observed")).isPositive();
        assertThat(value("gateway_tokens_total", "gen_ai_token_type", "output")).isPositive();
        assertThat(value("gen_ai_server_time_to_first_token_seconds_count", "gen_ai_operation_name", "chat"))
                .isPositive();
        assertThat(value("gateway_streams_open", "", "")).isZero();
    }

    private double value(String name, String label, String value) {
        return scrape.samples().stream()
                .filter(sample -> sample.name().equals(name)
                        && (label.isEmpty() || value.equals(sample.labels().get(label))))
                .mapToDouble(Sample::value)
                .sum();
    }

    private static Set<String> routes() {
        Set<String> routes =
                Arrays.stream(Endpoint.values()).map(Endpoint::path).collect(Collectors.toSet());
        routes.addAll(Route.BLOCKED);
        routes.add("(unknown)");
        return routes;
    }

    private static Set<String> statuses() {
        Set<String> statuses = reasons(reason -> Integer.toString(reason.status()));
        return with(statuses, "200", "499");
    }

    private static Set<String> codes() {
        return reasons(Reason::code);
    }

    private static Set<String> reasons(Function<Reason, String> property) {
        return Arrays.stream(Reason.values()).map(property).collect(Collectors.toSet());
    }

    private static Set<String> lower(Enum<?>[] values) {
        return Arrays.stream(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    private static Set<String> with(Set<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toSet());
    }
}
