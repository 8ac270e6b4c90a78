package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@ExtendWith(ObservedRun.Shared.class)
class ManagementAcceptanceTest {

    private final ObservedRun run;

    ManagementAcceptanceTest(ObservedRun run) {
        this.run = run;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics", "/livez", "/readyz", "/healthz"})
    void there_are_four_pages_without_a_key(String path) throws IOException {
        String answer = ask(run.managementPort(), "GET", path);

        assertThat(answer).startsWith("HTTP/1.1 200").doesNotContainIgnoringCase("\nserver:");
        assertThat(ask(run.managementPort(), "HEAD", path))
                .startsWith("HTTP/1.1 200")
                .endsWith("\r\n\r\n");
        assertThat(ask(run.managementPort(), "POST", path)).startsWith("HTTP/1.1 405");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/metrics/", "/metrics;x", "/METRICS", "//metrics", "/api/tags", "/api/chat", "/favicon.ico"
            })
    void everything_else_is_not_there(String path) throws IOException {
        String answer = ask(run.managementPort(), "GET", path);

        assertThat(answer)
                .matches("(?s)HTTP/1.1 40[04].*")
                .doesNotContain("gateway_")
                .doesNotContainIgnoringCase("\nserver:");
    }

    @Test
    void metrics_are_not_on_the_port_of_the_clients() throws IOException {
        assertThat(ask(run.url().getPort(), "GET", "/metrics"))
                .startsWith("HTTP/1.1 401")
                .doesNotContain("gateway_");
    }

    private static String ask(int port, String method, String path) throws IOException {
        return RawHttp.exchange(port, method + " " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
}
