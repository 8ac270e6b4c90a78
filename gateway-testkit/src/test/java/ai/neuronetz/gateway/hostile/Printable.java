package ai.neuronetz.gateway.hostile;

import java.util.stream.Collectors;

/** Makes hostile text fit for reports. */
final class Printable {

    private static final int LONGEST = 200;

    private Printable() {}

    static String of(String text) {
        return text.chars()
                .limit(LONGEST)
                .mapToObj(character -> character >= ' ' && character < 0x7f
                        ? String.valueOf((char) character)
                        : String.format("\\x%02x", character))
                .collect(Collectors.joining());
    }
}
