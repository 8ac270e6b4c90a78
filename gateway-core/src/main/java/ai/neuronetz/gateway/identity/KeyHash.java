package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.Internal;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;

/**
 * The stored form of an API key: Argon2id of the whole key, with a 16-byte salt and a 32-byte hash, as a PHC string.
 *
 * <p>Immutable and thread-safe. {@link #hash} and {@link #verify} take tens of milliseconds of processor time and the
 * parameters' memory; callers bound how many run at once.
 */
@Internal
public final class KeyHash {

    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    private static final Pattern PHC = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$[0-9A-Za-z+/]{11,86}\\$[0-9A-Za-z+/]{22,86}");

    private static final AtomicBoolean WARM = new AtomicBoolean();

    private final Argon2PasswordEncoder encoder;
    private final String currentPrefix;

    private KeyHash(Argon2Parameters parameters) {
        this.encoder = new Argon2PasswordEncoder(
                SALT_BYTES,
                HASH_BYTES,
                parameters.parallelism(),
                parameters.memoryKibibytes(),
                parameters.iterations());
        this.currentPrefix = "$argon2id$v=19$m=" + parameters.memoryKibibytes() + ",t=" + parameters.iterations()
                + ",p=" + parameters.parallelism() + "$";
    }

    /** With {@link Argon2Parameters#owasp}. */
    public static KeyHash standard() {
        return new KeyHash(Argon2Parameters.owasp());
    }

    /** With other parameters; keys hashed under earlier ones still verify. */
    public static KeyHash with(Argon2Parameters parameters) {
        return new KeyHash(parameters);
    }

    /** The PHC string to store; another one each time, since the salt is random. */
    public String hash(ApiKey key) {
        String phc = encoder.encode(key.reveal());
        if (phc == null) {
            throw new IllegalStateException("Argon2 gave no hash; check the version of spring-security-crypto.");
        }
        return phc;
    }

    /**
     * Runs once in a process: the first run takes half a second and more, which on a busy machine is longer than the first
     * callers are let wait.
     */
    void warmUp() {
        if (WARM.compareAndSet(false, true)) {
            encoder.encode("");
        }
    }

    /**
     * Whether the string was made from this key. A string that is no Argon2id PHC string, or whose parameters are out of the
     * range of {@link Argon2Parameters}, was made from none.
     */
    public boolean verify(ApiKey key, String phc) {
        return isAffordable(phc) && encoder.matches(key.reveal(), phc);
    }

    /** Whether the string was made with other parameters than these. */
    public boolean outdated(String phc) {
        return !phc.startsWith(currentPrefix);
    }

    /** A row that was tampered with must not decide how much memory a request takes. */
    private static boolean isAffordable(String phc) {
        Matcher matcher = PHC.matcher(phc);
        return matcher.matches()
                && Argon2Parameters.areInRange(
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)));
    }
}
