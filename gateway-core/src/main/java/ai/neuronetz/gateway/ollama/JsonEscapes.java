package ai.neuronetz.gateway.ollama;

import java.util.HexFormat;

/** Reads the escapes of JSON in text that holds some, whether or not the JSON is whole. */
final class JsonEscapes {

    /** JSON in JSON in JSON is as deep as anybody goes; each time the text becomes shorter. */
    private static final int MAX_PASSES = 4;

    private JsonEscapes() {}

    static String decode(String text) {
        String decoded = text;
        for (int pass = 0; pass < MAX_PASSES && decoded.indexOf('\\') >= 0; pass++) {
            decoded = once(decoded);
        }
        return decoded;
    }

    private static String once(String text) {
        StringBuilder decoded = new StringBuilder(text.length());
        int position = 0;
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c != '\\' || position == text.length()) {
                decoded.append(c);
                continue;
            }
            char escaped = text.charAt(position++);
            switch (escaped) {
                case '"', '\\', '/' -> decoded.append(escaped);
                case 'n' -> decoded.append('\n');
                case 'r' -> decoded.append('\r');
                case 't' -> decoded.append('\t');
                case 'b' -> decoded.append('\b');
                case 'f' -> decoded.append('\f');
                case 'u' -> {
                    if (isHex(text, position)) {
                        decoded.append((char) HexFormat.fromHexDigits(text, position, position + 4));
                        position += 4;
                    } else {
                        decoded.append(c).append(escaped);
                    }
                }
                default -> decoded.append(c).append(escaped);
            }
        }
        return decoded.toString();
    }

    private static boolean isHex(String text, int from) {
        if (from + 4 > text.length()) {
            return false;
        }
        for (int i = from; i < from + 4; i++) {
            if (!HexFormat.isHexDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }
}
