package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.conformance.ConformanceMain;
import java.util.Arrays;

/** The programs in the jar that runs by itself: the first argument says which. */
final class StandaloneMain {

    private StandaloneMain() {}

    public static void main(String[] args) throws InterruptedException {
        String program = args.length == 0 ? "" : args[0];
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        switch (program) {
            case "conformance" -> ConformanceMain.main(rest);
            case "mock-ollama" -> MockOllamaMain.main(rest);
            default -> {
                System.err.println("usage: conformance ... | mock-ollama ...");
                System.exit(2);
            }
        }
    }
}
