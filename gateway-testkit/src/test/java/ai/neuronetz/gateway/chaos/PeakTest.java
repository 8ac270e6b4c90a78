package ai.neuronetz.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PeakTest {

    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final UUID C = new UUID(0, 3);

    @Test
    void a_window_does_not_reach_back_to_its_own_length() {
        Peak peak = Peak.within(60, List.of(event(0, 5, A), event(60, 7, B)));

        assertThat(peak.amount()).isEqualTo(7);
        assertThat(peak.requests()).containsExactly(B);
    }

    @Test
    void the_fullest_window_need_not_be_aligned() {
        Peak peak = Peak.within(60, List.of(event(130, 1, C), event(50, 5, A), event(100, 7, B), event(0, 3, C)));

        assertThat(peak.amount()).isEqualTo(5 + 7);
        assertThat(peak.atNanos()).isEqualTo(100);
        assertThat(peak.requests()).containsExactlyInAnyOrder(A, B);
    }

    @Test
    void one_that_ends_makes_room_at_the_same_instant() {
        Peak peak = Peak.together(
                List.of(new Peak.Interval(0, 10, A), new Peak.Interval(10, 20, B), new Peak.Interval(12, 13, C)));

        assertThat(peak.amount()).isEqualTo(2);
        assertThat(peak.requests()).containsExactlyInAnyOrder(B, C);
    }

    @Test
    void what_lasts_no_time_is_never_there_together_with_something() {
        assertThat(Peak.together(List.of(new Peak.Interval(5, 5, A), new Peak.Interval(7, 5, B))))
                .isEqualTo(Peak.NONE);
    }

    private static Peak.Event event(long nanos, long amount, UUID id) {
        return new Peak.Event(nanos, amount, id);
    }
}
