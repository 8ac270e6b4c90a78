package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.app.Scrape.Sample;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Alerts, dashboard and the operators' page ask for nothing that a gateway which has seen a request of every kind does not show. */
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@ExtendWith(ObservedRun.Shared.class)
class AlertsAndDashboardTest {

    private static final Path DOCS = docs();

    /** Put there by Prometheus itself. */
    private static final Set<String> OF_THE_TARGET = Set.of("job", "instance");

    private static final Pattern IN_ANNOTATION = Pattern.compile("\\$labels\\.(\\w+)");
    private static final Pattern IN_LEGEND = Pattern.compile("\\{\\{(\\w+)}}");
    /** Of three words at least: {@code gateway_cli} and {@code gateway_busy} are a role and a code. */
    private static final Pattern ON_PAGE =
            Pattern.compile("`((?:gateway|gen_ai|http_server)_[a-z0-9]+_[a-z0-9_]+)(?:\\{([^}]*)})?`");

    /** What a gateway shows beside the rest that has TLS itself. */
    private static final PrometheusMeterRegistry WITH_TLS = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private final Scrape scrape;

    AlertsAndDashboardTest(ObservedRun run) {
        this.scrape = Scrape.of(run.scrape() + WITH_TLS.scrape());
    }

    @BeforeAll
    static void a_server_with_tls(@TempDir Path directory) throws Exception {
        PemFiles files = PemFiles.create(directory, "shown", "EC");
        Path certificate = directory.resolve("tls.crt");
        Path key = directory.resolve("tls.key");
        PemFiles.put(certificate, files.certificate());
        PemFiles.put(key, files.key());
        ClientLimits limits = new ClientLimits(10, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
        TlsFiles tls = TlsFiles.of(certificate.toString(), key.toString());
        new GatewayServer("127.0.0.1", 0, (request, response, chain) -> {}, limits, tls).measureWith(WITH_TLS);
    }

    @Test
    void the_dashboard_asks_for_metrics_and_labels_that_are_there() throws IOException {
        List<JsonNode> targets = dashboard().findValues("targets").stream()
                .flatMap(panel ->
                        Stream.iterate(0, i -> i < panel.size(), i -> i + 1).map(panel::get))
                .toList();

        assertThat(targets).hasSizeGreaterThan(20).allSatisfy(target -> {
            PromQuery query = PromQuery.of(target.path("expr").asText());
            assertAnswerable(query);
            assertThat(named(IN_LEGEND, target.path("legendFormat").asText())).isSubsetOf(labelsOfAnswer(query));
            // Or a panel would go on showing what a gateway that is chosen away shows.
            assertThat(query.selectors()).extracting(PromQuery.Selector::value).contains("$job", "$instance");
        });
    }

    @Test
    void a_panel_of_a_single_value_shows_the_one_of_now_and_no_older_one() throws IOException {
        List<JsonNode> panels = dashboard().path("panels").findParents("targets").stream()
                .filter(panel -> panel.path("type").asText().equals("stat"))
                .toList();

        assertThat(panels)
                .isNotEmpty()
                .allSatisfy(panel -> assertThat(panel.path("targets"))
                        .allSatisfy(target ->
                                assertThat(target.path("instant").asBoolean()).isTrue()));
    }

    @Test
    void no_two_panels_have_the_same_number_or_place() throws IOException {
        JsonNode panels = dashboard().path("panels");

        assertThat(panels.findValuesAsText("id")).isNotEmpty().doesNotHaveDuplicates();
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : panels) {
            JsonNode place = panel.path("gridPos");
            int x = place.path("x").asInt();
            int y = place.path("y").asInt();
            for (int column = x; column < x + place.path("w").asInt(); column++) {
                assertThat(column).isLessThan(24);
                for (int row = y; row < y + place.path("h").asInt(); row++) {
                    assertThat(taken.add(List.of(column, row)))
                            .as(panel.path("title").asText())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void the_alerts_ask_for_metrics_and_labels_that_are_there() throws IOException {
        assertThat(rules()).hasSizeGreaterThan(20).allSatisfy(rule -> {
            assertThat(rule).containsKeys("alert", "expr", "labels", "annotations");
            PromQuery query = PromQuery.of(String.valueOf(rule.get("expr")));
            String annotations = String.valueOf(rule.get("annotations"));

            assertAnswerable(query);
            assertThat(annotations).contains("summary=", "action=");
            assertThat(named(IN_ANNOTATION, annotations)).isSubsetOf(labelsOfAnswer(query));
        });
        assertThat(rules()).extracting(rule -> rule.get("alert")).doesNotHaveDuplicates();
    }

    /** {@code promtool} runs those tests; see {@code .ci/run}. */
    @Test
    void every_alert_has_a_test_in_which_it_fires_and_is_quiet_on_a_healthy_gateway() throws IOException {
        List<Map<String, Object>> tests =
                list(yaml("prometheus/alerts_test.yml").get("tests"));
        String healthy = String.valueOf(tests.get(0).get("input_series"));

        assertThat(String.valueOf(tests.get(0).get("name"))).startsWith("a healthy gateway");
        assertThat(rules()).allSatisfy(rule -> {
            String name = String.valueOf(rule.get("alert"));
            assertThat(tests)
                    .filteredOn(test -> name.equals(test.get("name")))
                    .hasSize(1)
                    .first()
                    .satisfies(test -> {
                        List<Map<String, Object>> checks = list(test.get("promql_expr_test"));
                        assertThat(checks.get(0).get("exp_samples")).isEqualTo(List.of());
                        assertThat(String.valueOf(checks.get(1).get("exp_samples")))
                                .contains("alertname=\"" + name + "\", alertstate=\"firing\"");
                    });
            assertThat(PromQuery.of(String.valueOf(rule.get("expr"))).metrics())
                    .allSatisfy(metric -> assertThat(healthy).contains(metric + "{"));
        });
    }

    @Test
    void operators_are_told_to_watch_metrics_and_labels_that_are_there() throws IOException {
        Matcher told = ON_PAGE.matcher(Files.readString(DOCS.resolve("OPERATIONS.md")));
        int count = 0;
        for (; told.find(); count++) {
            String name = told.group(1);
            assertThat(Stream.concat(scrape.names().stream(), scrape.families().keySet().stream()))
                    .contains(name);
            if (told.group(2) != null) {
                assertThat(labelsOf(name))
                        .contains(told.group(2).replaceAll("=\"[^\"]*\"", "").split(","));
            }
        }
        assertThat(count).isGreaterThan(20);
    }

    private void assertAnswerable(PromQuery query) {
        assertThat(query.metrics()).isNotEmpty().isSubsetOf(with(scrape.names(), "up"));
        assertThat(query.selectors())
                .filteredOn(selector -> !OF_THE_TARGET.contains(selector.label()))
                .allSatisfy(selector -> assertThat(samples(selector.metric()))
                        .map(sample -> sample.labels().getOrDefault(selector.label(), "(no such label)"))
                        .as("%s", selector)
                        .anyMatch(selector.means()));
        assertThat(query.grouped()).allSatisfy(by -> assertThat(by).isSubsetOf(labelsOf(query.metrics())));
    }

    /** Which labels what is answered has. */
    private Set<String> labelsOfAnswer(PromQuery query) {
        return query.grouped().stream()
                .reduce((some, others) -> some.stream().filter(others::contains).collect(Collectors.toSet()))
                .orElseGet(() -> labelsOf(query.metrics()));
    }

    private Set<String> labelsOf(Set<String> metrics) {
        return metrics.stream().flatMap(metric -> labelsOf(metric).stream()).collect(Collectors.toSet());
    }

    private Set<String> labelsOf(String metric) {
        Set<String> labels = new HashSet<>(OF_THE_TARGET);
        samples(metric).forEach(sample -> labels.addAll(sample.labels().keySet()));
        samples(metric + "_count")
                .forEach(sample -> labels.addAll(sample.labels().keySet()));
        return labels;
    }

    private List<Sample> samples(String metric) {
        return scrape.samples().stream()
                .filter(sample -> sample.name().equals(metric))
                .toList();
    }

    private static Set<String> named(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(1)).collect(Collectors.toSet());
    }

    private static Set<String> with(Set<String> some, String more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toSet());
    }

    private static JsonNode dashboard() throws IOException {
        return new ObjectMapper()
                .readTree(DOCS.resolve("grafana/neuronetz-gateway.json").toFile());
    }

    private static List<Map<String, Object>> rules() throws IOException {
        return list(yaml("prometheus/alerts.yml").get("groups")).stream()
                .flatMap(group -> list(group.get("rules")).stream())
                .toList();
    }

    private static Map<String, Object> yaml(String file) throws IOException {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(DOCS.resolve(file)));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Object yaml) {
        return (List<Map<String, Object>>) yaml;
    }

    /** Beside the module, wherever the build was started. */
    private static Path docs() {
        URI classes = URI.create(AlertsAndDashboardTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString());
        return Path.of(classes).resolve("../../../docs").normalize();
    }
}
