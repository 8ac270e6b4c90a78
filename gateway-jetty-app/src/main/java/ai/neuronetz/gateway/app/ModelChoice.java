package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.ollama.ModelName;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which models: exactly one of four options. */
final class ModelChoice {

    private static final Pattern PIN = Pattern.compile("sha256:[0-9a-f]{64}");

    @Option(
            names = "--allow",
            required = true,
            split = ",",
            paramLabel = "MODEL",
            description = "These models and no others, with commas between; a model may be pinned, as in"
                    + " llama3:8b@sha256:<digest>.")
    private @Nullable List<String> allow;

    @Option(
            names = "--allow-all",
            required = true,
            description = "Every installed model, also those installed later; not cloud models.")
    private boolean allowAll;

    @Option(names = "--deny-all", required = true, description = "No model at all, which is what a tenant starts with.")
    private boolean denyAll;

    @Option(names = "--inherit", required = true, description = "Of a key only: whatever its tenant may use.")
    private boolean inherit;

    boolean inherited() {
        return inherit;
    }

    /** The policy; to be asked for only where it is not {@link #inherited}. */
    ModelPolicy policy() {
        if (allowAll || denyAll || allow == null) {
            return new ModelPolicy(allowAll, List.of());
        }
        List<String> models = allow.stream().map(String::strip).toList();
        models.forEach(ModelChoice::requireModel);
        return new ModelPolicy(false, models);
    }

    private static void requireModel(String text) {
        int at = text.indexOf('@');
        boolean named = ModelName.parse(at < 0 ? text : text.substring(0, at)).isPresent();
        if (!named || (at >= 0 && !PIN.matcher(text.substring(at + 1)).matches())) {
            throw new ConfigurationException("--allow: '" + text
                    + "' is no model name (expected: as list-models shows it, such as llama3:8b, with a pin perhaps:"
                    + " @sha256: and 64 hexadecimal digits)");
        }
    }
}
