package ai.neuronetz.gateway.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.ConfigurationException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedisSettingsTest {

    @Test
    void a_host_alone_is_one_server_on_the_usual_port() {
        RedisSettings settings = RedisSettings.parse("redis://cache.internal");

        assertThat(settings.kind()).isEqualTo(RedisSettings.Kind.SINGLE);
        assertThat(settings.addresses()).containsExactly("redis://cache.internal:6379");
        assertThat(settings.user()).isEmpty();
        assertThat(settings.password()).isEmpty();
        assertThat(settings.database()).isZero();
    }

    @Test
    void user_password_port_and_database_are_read_and_percent_decoded() {
        RedisSettings settings = RedisSettings.parse("rediss://gate:p%40ss+word@[2001:db8::1]:7000/3");

        assertThat(settings.addresses()).containsExactly("rediss://[2001:db8::1]:7000");
        assertThat(settings.user()).contains("gate");
        assertThat(settings.password()).contains("p@ss+word");
        assertThat(settings.database()).isEqualTo(3);
    }

    @Test
    void a_password_needs_no_user() {
        RedisSettings settings = RedisSettings.parse("redis://:hush@h");

        assertThat(settings.user()).isEmpty();
        assertThat(settings.password()).contains("hush");
    }

    @Test
    void sentinel_takes_several_hosts_and_the_masters_name() {
        RedisSettings settings = RedisSettings.parse("redis+sentinel://:hush@a,b:26380/main/2");

        assertThat(settings.kind()).isEqualTo(RedisSettings.Kind.SENTINEL);
        assertThat(settings.addresses()).containsExactly("redis://a:26379", "redis://b:26380");
        assertThat(settings.masterName()).contains("main");
        assertThat(settings.database()).isEqualTo(2);
    }

    @Test
    void a_cluster_takes_several_hosts() {
        RedisSettings settings = RedisSettings.parse("rediss+cluster://a:7000,b:7001");

        assertThat(settings.kind()).isEqualTo(RedisSettings.Kind.CLUSTER);
        assertThat(settings.addresses()).containsExactly("rediss://a:7000", "rediss://b:7001");
    }

    @Test
    void the_password_is_not_in_its_text() {
        assertThat(RedisSettings.parse("redis://gate:hush@h:6379/1"))
                .asString()
                .isEqualTo("RedisSettings[SINGLE [redis://h:6379] database 1, with password]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hush",
                "http://hush@h",
                "redis://",
                "redis://hush@h",
                "redis://user:@h",
                "redis://:hush%zz@h",
                "redis://:hush@a,b",
                "redis://:hush@h:0",
                "redis://:hush@h:65536",
                "redis://:hush@h/one",
                "redis://:hush@h/1?x=y",
                "redis://:hush@h#1",
                "redis+sentinel://:hush@a,b",
                "redis+sentinel://:hush@a,,b/main",
                "redis+cluster://:hush@a,b/1"
            })
    void anything_else_stops_the_start_with_a_line_that_says_what_is_expected_and_no_password(String url) {
        assertThatThrownBy(() -> RedisSettings.parse(url))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("REDIS_URL: ")
                .hasMessageContaining("expected redis://")
                .hasMessageNotContaining("hush")
                .hasMessageNotContaining("\n");
    }
}
