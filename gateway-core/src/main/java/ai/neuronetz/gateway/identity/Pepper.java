package ai.neuronetz.gateway.identity;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.Internal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that turns an API key into its look-up code, and is not in the database.
 *
 * <p>Whoever reads the database without it can neither test guesses nor plant a code for a key of their own. Losing it makes
 * every key unusable.
 *
 * <p>Immutable and thread-safe; its methods cost about a microsecond and do not block.
 */
@Internal
public final class Pepper {

    private static final int MIN_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";
    private static final Pattern HEX = Pattern.compile("(?:[0-9A-Fa-f]{2})+");
    private static final byte[] FINGERPRINT = "neuronetz-gateway pepper".getBytes(StandardCharsets.US_ASCII);
    private static final String HOW_TO = "make one with: openssl rand -base64 32";

    private final SecretKey secret;

    // Never updated itself, only cloned: cloning an initialised Mac is cheaper than initialising one, needs no lock,
    // and
    // unlike a ThreadLocal leaves nothing behind in a host's threads.
    private final Mac prototype;

    private Pepper(byte[] bytes) {
        this.secret = new SecretKeySpec(bytes, ALGORITHM);
        this.prototype = newMac(secret);
    }

    /**
     * Takes a pepper as bytes.
     *
     * @param bytes copied; at least 32, from a secure random source
     * @throws IllegalArgumentException if it is too short, or one byte repeated
     */
    public static Pepper of(byte[] bytes) {
        requireNonNull(bytes, "bytes");
        if (bytes.length < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "pepper: " + bytes.length + " bytes (expected: at least " + MIN_BYTES + "); " + HOW_TO);
        }
        boolean varied = false;
        for (byte one : bytes) {
            varied |= one != bytes[0];
        }
        if (!varied) {
            throw new IllegalArgumentException("pepper: one byte repeated (expected: random bytes); " + HOW_TO);
        }
        return new Pepper(bytes);
    }

    /**
     * Reads a pepper as operators write it. White space around it is ignored, so that it can be the content of a file.
     *
     * @param text hexadecimal if it consists of nothing but pairs of such digits, else Base64 in either alphabet
     * @throws IllegalArgumentException if it is neither, too short, or one byte repeated; the message does not repeat it
     */
    public static Pepper parse(String text) {
        String trimmed = text.strip();
        if (HEX.matcher(trimmed).matches()) {
            return of(HexFormat.of().parseHex(trimmed));
        }
        try {
            return of(Base64.getDecoder().decode(trimmed.replace('-', '+').replace('_', '/')));
        } catch (IllegalArgumentException exception) {
            if (exception.getMessage() != null && exception.getMessage().startsWith("pepper: ")) {
                throw exception;
            }
            // Without the cause: the decoder's message quotes a character of the secret.
            throw new IllegalArgumentException("pepper: neither Base64 nor hexadecimal; " + HOW_TO);
        }
    }

    /** HMAC-SHA-256 of the whole key, 32 bytes. */
    public byte[] lookupCode(ApiKey key) {
        return mac().doFinal(key.bytes());
    }

    /**
     * Tells peppers apart where they must not be shown: 16 hexadecimal digits of an HMAC of a constant, which is no key. Since a
     * pepper is 32 random bytes, it helps nobody to find one.
     */
    public String fingerprint() {
        return HexFormat.of().formatHex(mac().doFinal(FINGERPRINT), 0, 8);
    }

    /** Whether the code is that of the key; takes the same time wherever they differ. */
    public boolean matches(ApiKey key, byte[] lookupCode) {
        return MessageDigest.isEqual(lookupCode(key), lookupCode);
    }

    @Override
    public String toString() {
        return "Pepper[hidden]";
    }

    private Mac mac() {
        try {
            return (Mac) prototype.clone();
        } catch (CloneNotSupportedException exception) {
            // Some providers, those of hardware modules among them, cannot clone.
            return newMac(secret);
        }
    }

    private static Mac newMac(SecretKey secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return mac;
        } catch (GeneralSecurityException exception) {
            throw new IllegalStateException("This Java runtime has no " + ALGORITHM + "; use another one.", exception);
        }
    }
}
