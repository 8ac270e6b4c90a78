package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.io.Console;

/** Asks whoever sits at the terminal. */
interface Confirmation {

    /** Whether the answer to the question is yes. */
    boolean given(String question);

    /** @throws ConfigurationException if nobody sits there */
    @SuppressWarnings("SystemConsoleNull") // It is null before JDK 22; from then on reading ends at once.
    static boolean atTerminal(String question) {
        Console console = System.console();
        String answer = console == null ? null : console.readLine("%s [y/N] ", question);
        if (answer == null) {
            throw new ConfigurationException("there is no terminal to ask at; give --yes");
        }
        return answer.strip().equalsIgnoreCase("y") || answer.strip().equalsIgnoreCase("yes");
    }
}
