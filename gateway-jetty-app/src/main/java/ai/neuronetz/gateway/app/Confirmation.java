package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.io.Console;
import org.jspecify.annotations.Nullable;

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

    /** Yes where nobody sits, for what must not fail for want of a terminal. */
    static boolean unlessScripted(String question) {
        return !personAt(System.console()) || atTerminal(question);
    }

    /** JDK 22 and later have a console also where there is no terminal, and a method that tells. */
    private static boolean personAt(@Nullable Console console) {
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException before22) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the console does not say whether it is a terminal", e);
        }
    }
}
