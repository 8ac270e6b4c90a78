package ai.neuronetz.gateway.upstream;

import java.time.Duration;

/**
 * How long Ollama may take. Immutable.
 *
 * @param connect until a connection stands; default 2 s
 * @param firstByte until the head of the answer, during which a model may have to load; default 5 min
 * @param idle between two reads of the answer; default 60 s
 * @param total for the whole exchange; default 30 min
 */
public record Timeouts(Duration connect, Duration firstByte, Duration idle, Duration total) {

    public Timeouts {
        requirePositive("connect", connect);
        requirePositive("firstByte", firstByte);
        requirePositive("idle", idle);
        requirePositive("total", total);
    }

    public static Timeouts standard() {
        return new Timeouts(
                Duration.ofSeconds(2), Duration.ofMinutes(5), Duration.ofSeconds(60), Duration.ofMinutes(30));
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: longer than zero)");
        }
    }
}
