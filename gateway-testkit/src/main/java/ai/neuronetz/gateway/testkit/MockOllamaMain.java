package ai.neuronetz.gateway.testkit;

import java.time.Duration;
import java.util.Arrays;

/**
 * A mock Ollama as a program, for the demo: {@code MockOllamaMain [--host H] [--port P] [--pace-ms N] [--models a,b]}.
 *
 * <p>Prints where it listens and runs until it is stopped.
 */
public final class MockOllamaMain {

    private MockOllamaMain() {}

    public static void main(String[] args) throws InterruptedException {
        MockOllama mock = MockOllama.start(
                option(args, "--host", "127.0.0.1"), Integer.parseInt(option(args, "--port", "11434")));
        mock.pace(Duration.ofMillis(Long.parseLong(option(args, "--pace-ms", "40"))));
        String models = option(args, "--models", "");
        if (!models.isEmpty()) {
            mock.models(models.split(","));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(mock::close));
        System.out.println("listening on " + mock.url());
        Thread.currentThread().join();
    }

    private static String option(String[] args, String name, String otherwise) {
        int at = Arrays.asList(args).indexOf(name);
        return at >= 0 && at + 1 < args.length ? args[at + 1] : otherwise;
    }
}
