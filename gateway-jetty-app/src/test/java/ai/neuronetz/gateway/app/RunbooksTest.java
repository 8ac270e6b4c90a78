package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.app.Runbook.Step;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * Every runbook of the page of operations is walked: what it is for is brought about, the metrics, log lines and answers that it
 * promises are seen, its commands are run as they stand there, and it is mended. One gateway goes through all of it.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("pages")
class RunbooksTest {

    /** A pattern for titles, to walk one or a few: {@code -Drunbook='Redis.*'}. */
    private static final @Nullable String ONLY = System.getProperty("runbook");

    private static final Duration PATIENCE = Duration.ofSeconds(70);
    private static final Pattern ANSWER = Pattern.compile("(\\d{3}) `(\\w+)`");
    private static final Pattern LOG_SAYS = Pattern.compile("the log says (`[^`]+`)");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    @SuppressWarnings("NullAway.Init")
    private OperatedGateway gateway;

    @SuppressWarnings("NullAway.Init")
    private OperatorShell shell;

    @BeforeAll
    void set_up(@TempDir Path root) throws IOException {
        gateway = new OperatedGateway(root, "acme");
        shell = new OperatedShell(gateway, root).shell();
        await().atMost(PATIENCE).until(() -> gateway.ask(gateway.key()).statusCode() == 200);
    }

    @AfterAll
    void close() throws IOException {
        shell.close();
        gateway.close();
    }

    @TestFactory
    List<DynamicTest> every_days_work_is_done_as_the_page_says() {
        return Runbook.under("Every day").stream()
                .map(book -> DynamicTest.dynamicTest(book.title(), () -> {
                    assertThat(book.steps()).isNotEmpty();
                    String key = gateway.installation().createKey("acme");
                    shell.at("4fT0aZ81kQwe", key.substring("nng_".length(), "nng_".length() + 12));
                    take(book);
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> every_outage_shows_what_the_page_promises_and_is_mended_as_it_says() {
        return Runbook.under("Outages").stream()
                .filter(book -> ONLY == null || book.title().matches(ONLY))
                .map(book -> DynamicTest.dynamicTest(book.title(), () -> walk(book)))
                .toList();
    }

    @Test
    void there_is_a_runbook_for_every_outage_that_can_be_caused_here() {
        assertThat(Runbook.under("Outages").stream().map(Runbook::title))
                .containsExactlyInAnyOrderElementsOf(Outage.ALL.keySet());
    }

    @Test
    void every_alert_that_a_runbook_names_asks_for_a_metric_that_it_shows() throws IOException {
        Map<String, String> alerts = alerts();

        for (Runbook book : Runbook.under("Outages")) {
            assertThat(book.rows()).as(book.title()).containsKeys("Clients get", "Log", "Mended when");
            Matcher alert = QUOTED.matcher(book.rows().getOrDefault("Alert", ""));
            while (alert.find()) {
                assertThat(alerts).as(book.title()).containsKey(alert.group(1));
                assertThat(Sign.in(book.rows().get("Metric")))
                        .as(book.title() + ", " + alert.group(1))
                        .anyMatch(sign -> alerts.get(alert.group(1)).contains(sign.metric()));
            }
        }
    }

    private void walk(Runbook book) throws Exception {
        Scrape before = gateway.scrape();
        int logged = gateway.log().length();

        try (Outage.Trace trace = Outage.ALL.get(book.title()).begin(gateway)) {
            see(book, "Clients get", before, logged);
            see(book, "Metric", before, logged);
            see(book, "Log", before, logged);
            logged = gateway.log().length();
            take(book);
            trace.afterwards();
            see(book, "Mended when", before, logged);
        }
        await("clients are served again")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(gateway.ask(gateway.key()).statusCode()).isEqualTo(200));
    }

    /** Everything that a row of the runbook's table promises. */
    private void see(Runbook book, String row, Scrape before, int logged) {
        String promised = book.rows().getOrDefault(row, "");
        Matcher answer = ANSWER.matcher(promised);
        while (answer.find()) {
            await(promised)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> {
                        HttpResponse<String> got = gateway.ask(gateway.key());
                        assertThat(got.statusCode() + " " + got.body()).contains(answer.group(1), answer.group(2));
                    });
        }
        if (promised.contains("are served")) {
            await(promised)
                    .atMost(PATIENCE)
                    .until(() -> gateway.ask(gateway.key()).statusCode() == 200);
        }
        for (Sign sign : Sign.in(promised)) {
            await(sign + " after " + row).atMost(PATIENCE).until(() -> sign.isSeen(before, gateway.scrape()));
        }
        Matcher line = QUOTED.matcher(logged(row, promised));
        while (line.find()) {
            await("logged: " + line.group(1))
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(gateway.log().substring(logged))
                            .containsPattern(Printed.pattern(line.group(1))));
        }
    }

    /** What the log has to hold by a row, in back quotes. */
    private static String logged(String row, String promised) {
        if (row.equals("Log")) {
            return promised.startsWith("nothing") ? "" : promised;
        }
        Matcher logged = LOG_SAYS.matcher(promised);
        return logged.find() ? logged.group(1) : "";
    }

    /** Does what the runbook says, as it says it. What it looks at may take a while to show. */
    private void take(Runbook book) throws IOException, InterruptedException {
        for (Step step : book.steps()) {
            if (step.printed().isEmpty()) {
                OperatorShell.Run run = shell.run(step.commands());
                assertThat(run.exitCode()).as(step.commands() + run.printed()).isZero();
            } else {
                await(step.commands()).atMost(PATIENCE).untilAsserted(() -> {
                    OperatorShell.Run run = shell.run(step.commands());
                    Printed.assertShown(run.printed(), step.printed());
                    assertThat(run.exitCode() != 0).as(run.printed()).isEqualTo(step.findsFault());
                });
            }
        }
    }

    private static Map<String, String> alerts() throws IOException {
        Map<String, List<Map<String, List<Map<String, Object>>>>> file =
                new Yaml().load(Files.readString(Path.of("../docs/prometheus/alerts.yml")));
        Map<String, String> alerts = new LinkedHashMap<>();
        file.get("groups")
                .get(0)
                .get("rules")
                .forEach(rule -> alerts.put(
                        rule.get("alert").toString(), rule.get("expr").toString()));
        return alerts;
    }
}
