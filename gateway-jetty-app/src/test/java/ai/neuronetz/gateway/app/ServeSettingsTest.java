package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ServeSettingsTest {

    private static final String CANARY = "c4n4ry";

    private final CommandRun run = new CommandRun(new InMemoryAdministration())
            .with("DATABASE_URL", "postgresql://gateway_app:" + CANARY + "@127.0.0.1:1/gateway")
            .with("REDIS_URL", "redis://:" + CANARY + "@127.0.0.1:1")
            .with("OLLAMA_URL", "http://127.0.0.1:1")
            .with("KEY_PEPPER", Base64.getEncoder().encodeToString(new SecureRandom().generateSeed(32)));

    @ParameterizedTest
    @ValueSource(strings = {"DATABASE_URL", "REDIS_URL", "OLLAMA_URL", "KEY_PEPPER"})
    void what_is_required_and_missing_stops_the_start(String setting) {
        run.without(setting);

        assertRefused(setting);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            OLLAMA_URL                             | http://user:c4n4ry@127.0.0.1:11434
            OLLAMA_URL                             | http://127.0.0.1:11434/api
            OLLAMA_URL                             | http://127.0.0.1:11434?x=1
            OLLAMA_URL                             | http://127.0.0.1:11434#x
            OLLAMA_URL                             | ftp://127.0.0.1:11434
            OLLAMA_URL                             | file:///etc/passwd
            OLLAMA_URL                             | 127.0.0.1:11434
            OLLAMA_URL                             | http://
            OLLAMA_URL                             | http://127.0.0.1:70000
            OLLAMA_URL                             | http://127.0.0.1:0
            OLLAMA_URL                             | ''
            LISTEN_PORT                            | 65536
            LISTEN_PORT                            | -1
            LISTEN_PORT                            | http
            LISTEN_PORT                            | ''
            LISTEN_HOST                            | ''
            MANAGEMENT_PORT                        | 65536
            MANAGEMENT_PORT                        | none
            MANAGEMENT_HOST                        | ''
            LOG_FORMAT                             | xml
            LOG_REQUESTS                           | no
            MAX_CONNECTIONS                        | 0
            MAX_CONNECTIONS                        | 1000001
            CLIENT_HEADER_TIMEOUT                  | 0s
            CLIENT_HEADER_TIMEOUT                  | 10
            CLIENT_BODY_TIMEOUT                    | 2d
            CLIENT_WRITE_TIMEOUT                   | 0s
            CORS_ALLOWED_ORIGINS                   | *
            CORS_ALLOWED_ORIGINS                   | https://*.example
            CORS_ALLOWED_ORIGINS                   | https://chat.example/
            CORS_ALLOWED_ORIGINS                   | chat.example
            CORS_ALLOWED_ORIGINS                   | https://chat.example,
            PLAYGROUND_ENABLED                     | yes
            DISCOVERY_INTERVAL                     | 10
            DISCOVERY_INTERVAL                     | 0s
            DISCOVERY_INTERVAL                     | -5s
            DISCOVERY_INTERVAL                     | 99999999999999999999s
            DISCOVERY_MAX_AGE                      | 9s
            SHOW_MODEL_PROMPTS                     | yes
            SHOW_MODEL_PROMPTS                     | ''
            MAX_REQUEST_BODY_BYTES                 | 0
            MAX_REQUEST_BODY_BYTES                 | 256k
            MAX_REQUEST_BODY_BYTES                 | 2147483648
            MAX_NUM_PREDICT                        | 0
            MAX_NUM_PREDICT                        | -1
            PROMPT_OVERHEAD_TOKENS                 | -1
            IMAGE_TOKENS                           | 0
            MAX_CONCURRENT_UPSTREAM                | 0
            AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN | 0
            TRUSTED_PROXIES                        | 0.0.0.0/0
            TRUSTED_PROXIES                        | ::/0
            TRUSTED_PROXIES                        | everyone
            CONNECT_TIMEOUT                        | soon
            FIRST_BYTE_TIMEOUT                     | 0ms
            IDLE_TIMEOUT                           | 25h
            TOTAL_TIMEOUT                          | 1w
            SHUTDOWN_GRACE                         | 0s
            KEY_PEPPER                             | ''
            KEY_PEPPER                             | c4n4ry
            KEY_PEPPER                             | YzRuNHJ5
            """)
    void what_is_wrong_or_dangerous_stops_the_start(String setting, String value) {
        run.with(setting, value);

        assertRefused(setting);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no/such/page.html", "pom.xml", "src"})
    void a_playground_that_cannot_be_served_stops_the_start(String file) {
        run.with("PLAYGROUND_ENABLED", "true").with("PLAYGROUND_FILE", file);

        assertRefused("PLAYGROUND_FILE");
    }

    @Test
    void a_flag_is_checked_like_the_variable() {
        assertThat(run.execute("serve", "--listen-port", "70000")).isEqualTo(2);
        assertThat(run.err()).startsWith("LISTEN_PORT: 70000").hasLineCount(1);
    }

    @Test
    void an_unknown_flag_stops_the_start() {
        assertThat(run.execute("serve", "--listen-prot", "80")).isEqualTo(2);
        assertThat(run.err()).contains("--listen-prot").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
        "GATEWAY_MAX_TOKENS, GATEWAY_MAX_TOKENS",
        "TRUSTED_PROXIE, TRUSTED_PROXIES",
        "OLAMA_URL, OLLAMA_URL",
        "MAX_NUM_PREDCIT, MAX_NUM_PREDICT",
        "KEY_PEPPER_FIL, KEY_PEPPER_FILE"
    })
    void a_misspelt_variable_stops_the_start(String variable, String named) {
        run.with(variable, "1");

        assertRefused(named);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GATEWAY_SERVICE_HOST", "GATEWAY_PORT", "GATEWAY_PORT_8080_TCP_ADDR", "OLLAMA_HOST"})
    void a_variable_that_others_set_does_not_stop_the_start(String variable) {
        run.with(variable, "1").with("LISTEN_PORT", "x");

        assertRefused("LISTEN_PORT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--database-url=postgresql://gateway_app:c4n4ry@db/gateway", "--redis-url=redis://:c4n4ry@r"})
    void a_password_on_the_command_line_stops_the_start(String flag) {
        assertThat(run.execute("serve", flag)).isEqualTo(2);
        assertThat(run.err()).contains("holds a password").contains("-file").hasLineCount(1);
        assertThat(run.err()).doesNotContain(CANARY);
    }

    @Test
    void the_help_names_every_setting_and_no_value_from_the_environment() {
        assertThat(run.execute("serve", "--help")).isZero();

        for (Setting setting : ServeCommand.SETTINGS) {
            assertThat(run.out().replaceAll("\\s+", "")).contains(setting.name());
        }
        assertThat(run.out()).contains("Exit codes:").doesNotContain(CANARY);
    }

    private void assertRefused(String named) {
        int exitCode = run.execute("serve");

        assertThat(run.err()).contains(named).hasLineCount(1).doesNotContain(CANARY, "Exception", "\tat ");
        assertThat(exitCode).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }
}
