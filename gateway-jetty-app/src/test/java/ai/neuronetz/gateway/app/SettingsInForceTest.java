package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SettingsInForceTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://user:c4n4ry@db:5432/gateway",
                "postgresql://db:5432/gateway?user=u&password=c4n4ry",
                "redis://:c4n4ry@r:6379",
                "redis://:c4n4ry/x@r:6379",
                "redis://:c4n4ry?x@r:6379",
                "redis://:c4n4ry#x@r:6379",
                "redis://:c4n4ry@x@r:6379",
                "redis+sentinel://:c4n4ry@r1:26379,r2:26379/master",
                "c4n4ry",
                "host=db password=c4n4ry",
            })
    void no_password_is_shown_wherever_in_an_address_it_is(String address) {
        assertThat(SettingsInForce.withoutSecrets(address)).doesNotContain("c4n4ry");
    }

    @Test
    void the_rest_of_an_address_is_shown() {
        assertThat(SettingsInForce.withoutSecrets("redis+sentinel://:p@r1:26379,r2:26379/master"))
                .isEqualTo("redis+sentinel://r1:26379,r2:26379/master");
    }

    @Test
    void of_a_secret_only_its_source_is_shown() {
        Settings settings = Settings.of(Map.of("KEY_PEPPER_FILE", "/run/secrets/pepper"), Setting.KEY_PEPPER);

        assertThat(SettingsInForce.of(settings, Setting.KEY_PEPPER, Setting.DATABASE_PASSWORD))
                .isEqualTo(Map.of("KEY_PEPPER", "(from KEY_PEPPER_FILE)", "DATABASE_PASSWORD", "(not set)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LISTEN_HOST                            | 0.0.0.0
            LISTEN_HOST                            | ::
            LISTEN_HOST                            | gateway.example
            MANAGEMENT_HOST                        | 10.0.0.1
            OLLAMA_URL                             | http://203.0.113.5:11434
            OLLAMA_URL                             | http://[2001:db8::1]:11434
            SHOW_MODEL_PROMPTS                     | true
            AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN | 5000
            CORS_ALLOWED_ORIGINS                   | https://a.example,http://b.example
            TRUSTED_PROXIES                        | 10.0.0.0/8,0.0.0.0/1
            TRUSTED_PROXIES                        | fd00::/8
            """)
    void what_is_dangerous_is_warned_of_by_name(String setting, String value) {
        assertThat(cautions(setting, value)).singleElement().asString().startsWith(setting);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LISTEN_HOST                            | 127.0.0.1
            LISTEN_HOST                            | ::1
            LISTEN_HOST                            | localhost
            OLLAMA_URL                             | http://ollama:11434
            OLLAMA_URL                             | http://10.1.2.3:11434
            OLLAMA_URL                             | http://[fd00::1]:11434
            CORS_ALLOWED_ORIGINS                   | https://a.example,http://localhost:3000
            TRUSTED_PROXIES                        | 10.0.0.0/8
            """)
    void what_is_usual_is_not(String setting, String value) {
        assertThat(cautions(setting, value)).isEmpty();
    }

    private static List<String> cautions(String setting, String value) {
        Map<String, String> environment = new HashMap<>(Map.of("OLLAMA_URL", "http://127.0.0.1:11434"));
        environment.put(setting, value);
        return Cautions.of(Settings.of(environment, Setting.values()));
    }
}
