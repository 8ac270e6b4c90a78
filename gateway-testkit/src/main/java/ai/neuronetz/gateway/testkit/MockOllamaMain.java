package ai.neuronetz.gateway.testkit;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Runs a {@link MockOllama} until the process is ended: {@code java -cp … ai.neuronetz.gateway.testkit.MockOllamaMain}. */
final class MockOllamaMain {

    private static final String USAGE = """
            usage: MockOllamaMain [option value]...
              --port n                 port to listen on; 0 takes a free one (11434)
              --host address           address to listen on (127.0.0.1)
              --models a,b             models that are installed (llama3.2:3b)
              --pace-ms n              milliseconds from one token to the next (10)
              --tokens-per-second n    the same as a rate
              --first-frame-ms n       milliseconds from the request to the first token (0)
              --tokens n               tokens of an answer (a sentence of 12)
              --help                   print this
            """;

    private MockOllamaMain() {}

    public static void main(String[] args) throws InterruptedException {
        if (List.of(args).contains("--help")) {
            System.out.print(USAGE);
            return;
        }
        MockOllama mock;
        try {
            mock = start(args);
        } catch (IllegalArgumentException e) {
            complain(System.err, e);
            System.exit(2);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(mock::close, "mock-ollama-stop"));
        System.out.println("mock Ollama listens on " + mock.uri());
        // Jetty's threads are daemons.
        Thread.currentThread().join();
    }

    private static void complain(PrintStream out, IllegalArgumentException mistake) {
        out.println(mistake.getMessage());
        out.print(USAGE);
    }

    /** @throws IllegalArgumentException if the arguments cannot be understood */
    static MockOllama start(String... args) {
        MockOllama.Builder builder =
                MockOllama.builder().port(11_434).pace(Duration.ofMillis(10)).keep(1_000);
        List<Consumer<MockOllama>> script = new ArrayList<>();
        for (int i = 0; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + ": unknown, or without a value");
            }
            read(builder, script, args[i], args[i + 1]);
        }
        MockOllama mock = builder.start();
        script.forEach(change -> change.accept(mock));
        return mock;
    }

    private static void read(
            MockOllama.Builder builder, List<Consumer<MockOllama>> script, String option, String value) {
        switch (option) {
            case "--port" -> builder.port(number(option, value));
            case "--host" -> builder.host(value);
            case "--models" -> builder.models(value.split(",", -1));
            case "--pace-ms" -> builder.pace(Duration.ofMillis(number(option, value)));
            case "--tokens-per-second" -> {
                int rate = number(option, value);
                script.add(mock -> mock.tokensPerSecond(rate));
            }
            case "--first-frame-ms" -> {
                Duration delay = Duration.ofMillis(number(option, value));
                script.add(mock -> mock.firstFrameAfter(delay));
            }
            case "--tokens" -> {
                int tokens = number(option, value);
                script.add(mock -> mock.replyTokens(tokens));
            }
            default -> throw new IllegalArgumentException(option + ": unknown, or without a value");
        }
    }

    private static int number(String option, String value) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the one message.
        }
        throw new IllegalArgumentException(option + ": " + value + " (expected: a whole number >= 0)");
    }
}
