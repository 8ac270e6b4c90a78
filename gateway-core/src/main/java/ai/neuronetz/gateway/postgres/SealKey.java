package ai.neuronetz.gateway.postgres;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret under which seals of the audit log are signed, and which is not in the database.
 *
 * <p>Without it nobody can make a chain of seals that this key vouches for, not even who may write everything in the database.
 * Immutable and thread-safe.
 */
public final class SealKey {

    private static final int MIN_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";
    private static final Pattern HEX = Pattern.compile("(?:[0-9A-Fa-f]{2})+");
    private static final String EXPECTED =
            "expected at least 32 random bytes in base64 or hexadecimal; make them with: openssl rand -base64 32";

    private final SecretKeySpec secret;
    private final String id;

    private SealKey(byte[] bytes) {
        this.secret = new SecretKeySpec(bytes, ALGORITHM);
        this.id = HexFormat.of().formatHex(mac("audit seal key"), 0, 8);
    }

    /**
     * Reads a key as operators write it.
     *
     * @param text hexadecimal if it consists of nothing but pairs of such digits, else Base64
     * @throws IllegalArgumentException if it is neither, or too short; the message does not repeat it
     */
    public static SealKey parse(String text) {
        String trimmed = requireNonNull(text, "text").strip();
        byte[] bytes;
        try {
            bytes = HEX.matcher(trimmed).matches()
                    ? HexFormat.of().parseHex(trimmed)
                    : Base64.getDecoder().decode(trimmed.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            // Without the cause: the decoder's message quotes a character of the secret.
            throw new IllegalArgumentException("neither base64 nor hexadecimal; " + EXPECTED);
        }
        if (bytes.length < MIN_BYTES) {
            throw new IllegalArgumentException(bytes.length + " bytes; " + EXPECTED);
        }
        return new SealKey(bytes);
    }

    /** Tells keys apart, and nothing else about them. */
    String id() {
        return id;
    }

    /** @param hash in hexadecimal */
    byte[] sign(long number, String hash) {
        return mac("audit seal " + number + " " + hash);
    }

    /** @param mac in hexadecimal, like the hash */
    boolean signed(long number, String hash, String mac) {
        return MessageDigest.isEqual(sign(number, hash), HexFormat.of().parseHex(mac));
    }

    private byte[] mac(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime has no " + ALGORITHM + "; use another one.", e);
        }
    }

    @Override
    public String toString() {
        return "SealKey[" + id + "]";
    }
}
