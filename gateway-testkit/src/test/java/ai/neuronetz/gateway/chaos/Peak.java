package ai.neuronetz.gateway.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The most there was of something, and the requests it came from.
 *
 * @param atNanos the instant at which there was that much
 */
record Peak(long amount, long atNanos, Set<UUID> requests) {

    static final Peak NONE = new Peak(0, 0, Set.of());

    /** Something that counts from an instant on. */
    record Event(long nanos, long amount, UUID requestId) {}

    /** Something that is there from an instant to another. */
    record Interval(long startNanos, long endNanos, UUID requestId) {}

    /** The largest sum of what happened within a span, the span's oldest instant not included. */
    static Peak within(long spanNanos, List<Event> events) {
        List<Event> sorted =
                events.stream().sorted(Comparator.comparingLong(Event::nanos)).toList();
        Deque<Event> window = new ArrayDeque<>();
        long sum = 0;
        long most = 0;
        long at = 0;
        for (Event event : sorted) {
            window.addLast(event);
            sum += event.amount();
            while (event.nanos() - window.getFirst().nanos() >= spanNanos) {
                sum -= window.removeFirst().amount();
            }
            if (sum > most) {
                most = sum;
                at = event.nanos();
            }
        }
        long end = at;
        Set<UUID> requests = new LinkedHashSet<>();
        sorted.stream()
                .filter(event -> event.nanos() <= end && end - event.nanos() < spanNanos)
                .forEach(event -> requests.add(event.requestId()));
        return most == 0 ? NONE : new Peak(most, end, requests);
    }

    /** The largest number at a time. One that ends at the instant at which another starts is gone by then. */
    static Peak together(List<Interval> intervals) {
        record Step(long nanos, int change) {}
        List<Step> steps = new ArrayList<>();
        for (Interval interval : intervals) {
            if (interval.endNanos() > interval.startNanos()) {
                steps.add(new Step(interval.startNanos(), 1));
                steps.add(new Step(interval.endNanos(), -1));
            }
        }
        steps.sort(Comparator.comparingLong(Step::nanos).thenComparingInt(Step::change));
        long now = 0;
        long most = 0;
        long at = 0;
        for (Step step : steps) {
            now += step.change();
            if (now > most) {
                most = now;
                at = step.nanos();
            }
        }
        long instant = at;
        Set<UUID> requests = new LinkedHashSet<>();
        intervals.stream()
                .filter(interval -> interval.startNanos() <= instant && interval.endNanos() > instant)
                .forEach(interval -> requests.add(interval.requestId()));
        return most == 0 ? NONE : new Peak(most, instant, requests);
    }
}
