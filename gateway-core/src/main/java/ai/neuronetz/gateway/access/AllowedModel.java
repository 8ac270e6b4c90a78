package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.ollama.ModelName;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One entry of an operator's allowlist.
 *
 * @param name canonical
 * @param spelling as the operator wrote it, without the digest: what Ollama is sent
 * @param digest 64 hexadecimal digits the installed model must have, or null
 */
record AllowedModel(
        ModelName name, String spelling, @Nullable String digest) {

    private static final String PIN = "@sha256:";

    /** The entry, or empty if it names no model; such an entry allows nothing. */
    static Optional<AllowedModel> parse(String entry) {
        String text = entry.strip();
        int pin = text.indexOf(PIN);
        String spelling = pin < 0 ? text : text.substring(0, pin);
        String digest = pin < 0 ? null : text.substring(pin + PIN.length()).toLowerCase(Locale.ROOT);
        if (digest != null && !digest.matches("[0-9a-f]{64}")) {
            return Optional.empty();
        }
        return ModelName.parse(spelling).map(name -> new AllowedModel(name, spelling, digest));
    }

    boolean allows(InstalledModel model) {
        return name.equals(model.name()) && (digest == null || digest.equals(model.digest()));
    }
}
