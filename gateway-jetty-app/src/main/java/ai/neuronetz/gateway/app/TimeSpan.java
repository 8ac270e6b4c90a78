package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A span of time, as every command that reads what was recorded takes it. */
final class TimeSpan {

    @Option(names = "--since", paramLabel = "TIME", description = "Nothing earlier: " + PointInTime.EXPECTED + ".")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Nothing from then on; given in the same ways.")
    private @Nullable String until;

    @Nullable
    Instant since(Clock clock) {
        return instant("--since", since, clock);
    }

    @Nullable
    Instant until(Clock clock) {
        Instant end = instant("--until", until, clock);
        Instant begin = since(clock);
        if (end != null && begin != null && !begin.isBefore(end)) {
            throw new ConfigurationException("--since " + since + " is not before --until " + until + "; swap them");
        }
        return end;
    }

    private static @Nullable Instant instant(String option, @Nullable String text, Clock clock) {
        return text == null ? null : PointInTime.parse(option, text, clock);
    }
}
