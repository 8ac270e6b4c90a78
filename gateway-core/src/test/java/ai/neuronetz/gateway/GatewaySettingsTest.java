package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.upstream.Timeouts;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GatewaySettingsTest {

    @Test
    void an_answer_may_take_a_day_at_most() {
        Timeouts endless =
                new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofHours(25));

        assertThatThrownBy(() -> GatewaySettings.builder().timeouts(endless).build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("TOTAL_TIMEOUT");
    }

    @Test
    void what_is_not_said_has_the_documented_default() {
        GatewaySettings settings = GatewaySettings.builder().build();

        assertThat(settings.maxRequestBodyBytes()).isEqualTo(262_144);
        assertThat(settings.maxNumPredict()).isEqualTo(4096);
        assertThat(settings.promptOverheadTokens()).isEqualTo(256);
        assertThat(settings.imageTokens()).isEqualTo(4096);
        assertThat(settings.maxConcurrentUpstream()).isEqualTo(64);
        assertThat(settings.authFailuresPerMinute()).isEqualTo(10);
        assertThat(settings.trustedProxies()).isEmpty();
        assertThat(settings.discoveryInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.discoveryMaxAge()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.showModelPrompts()).isFalse();
        assertThat(settings.timeouts().firstByte()).isEqualTo(Duration.ofMinutes(5));
    }

    static Stream<Arguments> ranges() {
        return Stream.of(
                range(
                        "MAX_REQUEST_BODY_BYTES",
                        64 << 20,
                        value -> GatewaySettings.builder().maxRequestBodyBytes(value)),
                range(
                        "MAX_NUM_PREDICT",
                        1 << 20,
                        value -> GatewaySettings.builder().maxNumPredict(value)),
                range(
                        "IMAGE_TOKENS",
                        1 << 20,
                        value -> GatewaySettings.builder().imageTokens(value)),
                range(
                        "MAX_CONCURRENT_UPSTREAM",
                        20_000,
                        value -> GatewaySettings.builder().maxConcurrentUpstream(value)),
                range(
                        "AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN",
                        100_000,
                        value -> GatewaySettings.builder().authFailuresPerMinute(value)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ranges")
    void a_number_is_accepted_up_to_its_bounds_and_named_beyond(
            String name, int max, IntFunction<GatewaySettings.Builder> with) {
        assertThat(with.apply(1).build()).isNotNull();
        assertThat(with.apply(max).build()).isNotNull();
        for (int wrong : new int[] {Integer.MIN_VALUE, -1, 0, max + 1, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> with.apply(wrong).build())
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage(name + ": " + wrong + " (expected: 1 to " + max + ")");
        }
    }

    @Test
    void an_interval_is_longer_than_zero_and_not_longer_than_the_age_it_must_serve() {
        assertThatThrownBy(() -> GatewaySettings.builder()
                        .discoveryInterval(Duration.ZERO)
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("DISCOVERY_INTERVAL: PT0S (expected: longer than zero)");
        assertThatThrownBy(() -> GatewaySettings.builder()
                        .discoveryMaxAge(Duration.ofSeconds(-1))
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("DISCOVERY_MAX_AGE: PT-1S");
        assertThatThrownBy(() -> GatewaySettings.builder()
                        .discoveryMaxAge(Duration.ofSeconds(9))
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("DISCOVERY_MAX_AGE")
                .hasMessageContaining("no model would ever resolve");
        assertThat(GatewaySettings.builder()
                        .discoveryMaxAge(Duration.ofSeconds(10))
                        .build()
                        .discoveryMaxAge())
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void ollamas_url_is_host_and_port_and_has_ollamas_own_port_if_it_names_none() {
        assertThat(ollama("http://127.0.0.1:9000")).isEqualTo(URI.create("http://127.0.0.1:9000"));
        assertThat(ollama("HTTP://ollama/")).isEqualTo(URI.create("http://ollama:11434"));
        assertThat(ollama("http://[::1]:9000")).isEqualTo(URI.create("http://[::1]:9000"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ollama:11434",
                "127.0.0.1",
                "https://ollama:11434",
                "file:///etc/passwd",
                "http://",
                "http://ollama/api",
                "http://ollama?x=s3cret",
                "http://ollama#s3cret",
                "http://user:s3cret@ollama",
                "http://ollama:s3cret",
                "http://s3cret ollama"
            })
    void another_url_is_refused_without_being_repeated(String url) {
        assertThatThrownBy(() -> ollama(url))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("OLLAMA_URL")
                .hasMessageContaining("http://127.0.0.1:11434")
                .hasMessageNotContaining("s3cret");
    }

    static Stream<Arguments> required() {
        return Stream.of(
                Arguments.of("DATABASE_URL", (Function<GatewaySettings, Object>) GatewaySettings::databaseUrl),
                Arguments.of("REDIS_URL", (Function<GatewaySettings, Object>) GatewaySettings::redisUrl),
                Arguments.of("KEY_PEPPER", (Function<GatewaySettings, Object>) GatewaySettings::keyPepper));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("required")
    void what_is_required_is_missed_where_it_is_needed(String name, Function<GatewaySettings, Object> property) {
        GatewaySettings settings = GatewaySettings.builder().build();

        assertThatThrownBy(() -> property.apply(settings))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(name + " is not set");
    }

    @Test
    void ollama_is_where_it_listens_by_itself_unless_it_is_said_otherwise() {
        assertThat(GatewaySettings.builder().build().ollamaUrl()).hasToString("http://127.0.0.1:11434");
    }

    @Test
    void what_is_printed_holds_no_secret() {
        GatewaySettings settings = GatewaySettings.builder()
                .databaseUrl("postgresql://gateway_app:s3cret@db/gateway")
                .redisUrl("redis://:s3cret@redis:6379")
                .keyPepper("s3cret-pepper")
                .ollamaUrl("http://ollama")
                .build();

        assertThat(settings.toString())
                .doesNotContain("s3cret")
                .doesNotContain("gateway_app")
                .contains("ollamaUrl=http://ollama:11434")
                .contains("maxNumPredict=4096");
    }

    private static URI ollama(String url) {
        return GatewaySettings.builder().ollamaUrl(url).build().ollamaUrl();
    }

    private static Arguments range(String name, int max, IntFunction<GatewaySettings.Builder> with) {
        return Arguments.of(name, max, with);
    }
}
