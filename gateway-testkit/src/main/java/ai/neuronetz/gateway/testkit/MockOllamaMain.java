package ai.neuronetz.gateway.testkit;

import java.time.Duration;

/**
 * Runs a {@link MockOllama} until the process is ended.
 *
 * <p>{@code --port 11434 --host 127.0.0.1 --models llama3.2:3b,qwen3:8b --pace-ms 10}, each optional and with that
 * default, but one model.
 */
public final class MockOllamaMain {
    private MockOllamaMain() {}

    public static void main(String[] args) throws InterruptedException {
        MockOllama.Builder builder =
                MockOllama.builder().port(11_434).pace(Duration.ofMillis(10)).keep(1_000);
        for (int i = 0; i < args.length; i += 2) {
            if (i + 1 == args.length || !set(builder, args[i], args[i + 1])) {
                System.err.println("usage: [--port n] [--host address] [--models a,b] [--pace-ms n]");
                System.exit(2);
            }
        }
        MockOllama mock = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(mock::close, "mock-ollama-stop"));
        System.out.println("mock Ollama listens on " + mock.uri());
        // Jetty's threads are daemons.
        Thread.currentThread().join();
    }

    private static boolean set(MockOllama.Builder builder, String option, String value) {
        switch (option) {
            case "--port" -> builder.port(Integer.parseInt(value));
            case "--host" -> builder.host(value);
            case "--models" -> builder.models(value.split(",", -1));
            case "--pace-ms" -> builder.pace(Duration.ofMillis(Long.parseLong(value)));
            default -> {
                return false;
            }
        }
        return true;
    }
}
