package ai.neuronetz.gateway.identity;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ai.neuronetz.gateway.Internal;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A whole API key: {@code nng_<12 key id>_<43 secret><6 checksum>}, all base62.
 *
 * <p>The checksum is the CRC-32 of everything before it. It is public and protects nothing: it answers typing errors without
 * asking a store, and lets a secret scanner tell a key from a look-alike. The secret is one of 62<sup>43</sup>, a little
 * over 256 bits.
 *
 * <p>Immutable. Not a record, since a generated {@code toString} would print the secret.
 */
@Internal
public final class ApiKey {

    /** A regular expression that finds keys in text, for secret scanners; a match whose checksum is wrong is none. */
    public static final String SCANNER_PATTERN = "\\bnng_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\\b";

    private static final String PREFIX = "nng_";
    private static final int ID_LENGTH = 12;
    private static final int SECRET_LENGTH = 43;
    private static final int CHECKSUM_LENGTH = 6;
    private static final int ID_END = PREFIX.length() + ID_LENGTH;
    private static final int CHECKSUM_START = ID_END + 1 + SECRET_LENGTH;
    private static final int LENGTH = CHECKSUM_START + CHECKSUM_LENGTH;
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String text;
    private final KeyId id;

    private ApiKey(String text) {
        this.text = text;
        this.id = new KeyId(text.substring(PREFIX.length(), ID_END));
    }

    /**
     * Reads a key, or answers empty if the text is anything else: no other length, no white space around it, no wrong
     * checksum. Does not say whether the key was ever issued.
     */
    public static Optional<ApiKey> parse(String text) {
        if (text.length() != LENGTH || !text.startsWith(PREFIX) || text.charAt(ID_END) != '_') {
            return Optional.empty();
        }
        for (int index = PREFIX.length(); index < LENGTH; index++) {
            if (index != ID_END && !isBase62(text.charAt(index))) {
                return Optional.empty();
            }
        }
        String body = text.substring(0, CHECKSUM_START);
        return text.endsWith(checksum(body)) ? Optional.of(new ApiKey(text)) : Optional.empty();
    }

    /** A new key from the platform's secure random source. */
    public static ApiKey generate() {
        StringBuilder text = new StringBuilder(LENGTH).append(PREFIX);
        appendRandom(text, ID_LENGTH);
        text.append('_');
        appendRandom(text, SECRET_LENGTH);
        return new ApiKey(text.append(checksum(text.toString())).toString());
    }

    /** The public part, which may be logged. */
    public KeyId id() {
        return id;
    }

    /** The whole key in clear text. For the one moment it is shown to its owner; never for a log or a store. */
    public String reveal() {
        return text;
    }

    /** The whole key, for a keyed hash. */
    byte[] bytes() {
        return text.getBytes(ISO_8859_1);
    }

    /** The key id only. */
    @Override
    public String toString() {
        return "ApiKey[" + id + "]";
    }

    private static boolean isBase62(char character) {
        return (character >= '0' && character <= '9')
                || (character >= 'A' && character <= 'Z')
                || (character >= 'a' && character <= 'z');
    }

    private static void appendRandom(StringBuilder text, int count) {
        for (int drawn = 0; drawn < count; drawn++) {
            text.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
    }

    private static String checksum(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(ISO_8859_1));
        long rest = crc.getValue();
        char[] digits = new char[CHECKSUM_LENGTH];
        for (int index = CHECKSUM_LENGTH - 1; index >= 0; index--) {
            digits[index] = ALPHABET.charAt((int) (rest % ALPHABET.length()));
            rest /= ALPHABET.length();
        }
        return new String(digits);
    }
}
