package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.bench.QuietLog;
import ai.neuronetz.gateway.testkit.MockOllama;
import java.util.Map;

/** A mock Ollama that answers at once, in a process of its own. */
final class MockProcess {

    private MockProcess() {}

    public static void main(String[] arguments) {
        QuietLog.apply();
        try (MockOllama ollama =
                MockOllama.builder().models(Requests.MODEL).keep(100).start()) {
            ollama.reply("Hello", " there");
            ChildProcess.say(System.out, Map.of("url", ollama.uri()));
            ChildProcess.awaitEnd();
        }
    }
}
