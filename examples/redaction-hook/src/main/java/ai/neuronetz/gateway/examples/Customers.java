package ai.neuronetz.gateway.examples;

import ai.neuronetz.gateway.prompts.Redactor;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Takes customers out of what is kept: their numbers by the form, their names by the application's own register. While the
 * register does not answer, the gateway keeps nothing.
 */
public final class Customers implements Redactor {

    private static final Pattern NUMBER = Pattern.compile("\\bC-?\\d{4}[ -]?\\d{4}\\b");

    private final Supplier<Set<String>> register;

    public Customers(Supplier<Set<String>> register) {
        this.register = register;
    }

    @Override
    public String redact(String text) {
        String redacted = NUMBER.matcher(text).replaceAll("[redacted: customer number]");
        for (String name : register.get()) {
            redacted = redacted.replace(name, "[redacted: customer]");
        }
        return redacted;
    }
}
