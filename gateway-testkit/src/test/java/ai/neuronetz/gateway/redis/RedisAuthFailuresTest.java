package ai.neuronetz.gateway.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.identity.AuthFailures;
import ai.neuronetz.gateway.testkit.TestRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedisAuthFailuresTest {

    private static RedisStores stores;

    private final String source = "2001:db8::" + UUID.randomUUID() + "/64";

    @BeforeAll
    static void start() {
        stores = RedisStores.open(RedisSettings.parse(TestRedis.shared().url()), new SimpleMeterRegistry());
    }

    @AfterAll
    static void stop() {
        stores.close();
    }

    @Test
    void a_source_is_barred_from_the_last_failure_allowed_until_the_first_is_a_minute_old() {
        AuthFailures failures = stores.authFailures(3);

        assertThat(failures.barredFor(source)).isZero();
        assertThat(failures.record(source)).isZero();
        assertThat(failures.record(source)).isZero();
        assertThat(failures.barredFor(source)).isZero();

        assertThat(failures.record(source)).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
        assertThat(failures.barredFor(source)).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
        assertThat(failures.barredFor(source + "x")).isZero();
    }

    @Test
    void after_the_time_told_a_source_is_free_again() {
        AuthFailures failures = new RedisAuthFailures(stores.calls(), 2, 150);
        failures.record(source);
        Duration barred = failures.record(source);
        long until = System.nanoTime() + barred.toNanos() + TimeUnit.MILLISECONDS.toNanos(1);

        assertThat(barred).isBetween(Duration.ofMillis(1), Duration.ofMillis(150));
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }

        assertThat(failures.barredFor(source)).isZero();
    }
}
