package ai.neuronetz.gateway.identity;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * The public handle of an API key, the only part of it that is ever logged. Immutable.
 *
 * @param value 12 characters of {@code [0-9A-Za-z]}
 */
public record KeyId(String value) {

    private static final Pattern GRAMMAR = Pattern.compile("[0-9A-Za-z]{12}");

    public KeyId {
        requireNonNull(value, "value");
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("key id: " + value + " (expected: 12 letters or digits)");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
