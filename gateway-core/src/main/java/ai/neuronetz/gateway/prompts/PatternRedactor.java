package ai.neuronetz.gateway.prompts;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Well-known shapes of secrets.
 *
 * <p>Repetitions are possessive or bounded, so that no text makes the search go back and forth.
 */
final class PatternRedactor implements Redactor {

    static final PatternRedactor INSTANCE = new PatternRedactor();

    private static final String TOKEN = "API key";

    /**
     * Texts of one shape.
     *
     * @param replacement as for {@link Matcher#replaceAll(String)}
     */
    private record Shape(Pattern pattern, String replacement) {
        static Shape of(String name, String regex) {
            return new Shape(Pattern.compile(regex), mark(name));
        }
    }

    private static final List<Shape> SHAPES = List.of(
            Shape.of(TOKEN, "(?<![A-Za-z0-9])nng_[0-9A-Za-z]{12}_[0-9A-Za-z]{43,}+"),
            Shape.of(TOKEN, "(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{16,}+"),
            Shape.of(TOKEN, "(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
            Shape.of(TOKEN, "(?<![A-Za-z0-9])(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{20,}+"),
            new Shape(
                    Pattern.compile("(?i)(?<![A-Za-z0-9])(bearer[ \\t]{1,8}+)[A-Za-z0-9._~+/=-]{16,}+"),
                    "$1" + mark("token")),
            Shape.of(
                    "e-mail", "[\\p{L}\\p{N}._%+'-]{1,64}+@[\\p{L}\\p{N}-]{1,63}+(?:\\.[\\p{L}\\p{N}-]{1,63}+){1,8}+"));

    private PatternRedactor() {}

    @Override
    public String redact(String text) {
        return redact((CharSequence) text);
    }

    String redact(CharSequence text) {
        CharSequence left = text;
        for (Shape shape : SHAPES) {
            left = shape.pattern().matcher(left).replaceAll(shape.replacement());
        }
        return CardNumbers.replace(left, mark("card number"));
    }

    private static String mark(String name) {
        return "[redacted: " + name + "]";
    }
}
