package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.AuthFailures;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What {@link AuthFailures} promise. */
public abstract class AuthFailuresContract extends SpiContract {

    private static final int ALLOWED = 3;

    private final String source = "source-" + UUID.randomUUID();

    /** The implementation, which bars a source at its so manieth failure of a minute. */
    protected abstract AuthFailures failures(int perMinute);

    @Test
    void a_source_is_barred_from_its_last_failure_on_and_others_are_not() {
        AuthFailures failures = failures(ALLOWED);
        for (int failure = 1; failure < ALLOWED; failure++) {
            assertThat(failures.record(source)).isZero();
        }
        assertThat(failures.barredFor(source)).isZero();

        assertThat(failures.record(source)).isPositive();

        assertThat(failures.barredFor(source)).isPositive().isLessThanOrEqualTo(Duration.ofMinutes(1));
        assertThat(failures.barredFor(source + "x")).isZero();
    }

    @Test
    void asking_is_not_failing() {
        AuthFailures failures = failures(ALLOWED);
        for (int question = 0; question < 2 * ALLOWED; question++) {
            assertThat(failures.barredFor(source)).isZero();
        }
    }

    @Test
    void failures_at_the_same_time_are_all_counted() {
        AuthFailures failures = failures(20);

        atOnce(20, caller -> patiently(() -> failures.record(source)));

        assertThat(failures.barredFor(source)).isPositive();
    }

    @Test
    void while_the_store_hangs_every_question_ends_within_the_deadline() {
        AuthFailures failures = failures(ALLOWED);
        failures.barredFor(source);

        whileStoreHangs(() -> {
            assertThatThrownBy(() -> within(deadline(), () -> failures.barredFor(source)))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> within(deadline(), () -> failures.record(source)))
                    .isInstanceOf(StoreUnavailableException.class);
        });
    }
}
