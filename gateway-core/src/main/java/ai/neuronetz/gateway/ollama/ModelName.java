package ai.neuronetz.gateway.ollama;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model's name in the one form in which two names of the same model are equal: host, namespace, model and tag, in lower
 * case, with Ollama's defaults filled in. Immutable.
 *
 * <p>Source: Ollama {@code types/model/name.go} and {@code internal/modelref/modelref.go}, v0.33.
 *
 * @param cloud asks for the model at ollama.com instead of this machine's
 */
public record ModelName(String host, String namespace, String model, String tag, boolean cloud) {

    private static final Pattern HOST = Pattern.compile("[a-z0-9_][a-z0-9_.:-]{0,349}");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9_][a-z0-9_-]{0,79}");
    private static final Pattern PART = Pattern.compile("[a-z0-9_][a-z0-9_.-]{0,79}");
    private static final int MAX_LENGTH = 600;

    public ModelName {
        requireNonNull(host, "host");
        requireNonNull(namespace, "namespace");
        requireNonNull(model, "model");
        requireNonNull(tag, "tag");
    }

    /**
     * Reads a name as Ollama would, but refuses what only a parser quirk would accept: white space, control and non-ASCII
     * characters, a scheme, a digest.
     */
    public static Optional<ModelName> parse(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH || text.contains("://") || !ascii(text)) {
            return Optional.empty();
        }
        String name = text.toLowerCase(Locale.ROOT);
        boolean cloud = false;
        String suffix = name.substring(name.lastIndexOf(':') + 1);
        boolean tagged = suffix.length() < name.length() && suffix.indexOf('/') < 0;
        if (tagged && (suffix.equals("cloud") || suffix.equals("local"))) {
            cloud = suffix.equals("cloud");
            name = name.substring(0, name.length() - suffix.length() - 1);
            if (name.endsWith(":cloud") || name.endsWith(":local") || hasCloudTag(name)) {
                return Optional.empty();
            }
        } else if (hasCloudTag(name)) {
            cloud = true;
            name = name.substring(0, name.length() - "-cloud".length());
        }
        return split(name, cloud);
    }

    /** The same text for all spellings of a model; what is no name stays as it is. */
    public static String canonical(String spelling) {
        return parse(spelling)
                .map(name -> name.host + "/" + name.namespace + "/" + name.model + ":" + name.tag
                        + (name.cloud ? ":cloud" : ""))
                .orElse(spelling);
    }

    /** Checked before the case is folded: some letters outside ASCII fold into it. */
    private static boolean ascii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static boolean hasCloudTag(String name) {
        int colon = name.lastIndexOf(':');
        return colon >= 0 && name.indexOf('/', colon) < 0 && name.endsWith("-cloud");
    }

    private static Optional<ModelName> split(String name, boolean cloud) {
        String rest = name;
        String tag = "latest";
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
        }
        String[] parts = rest.split("/", -1);
        if (parts.length > 3) {
            return Optional.empty();
        }
        String model = parts[parts.length - 1];
        String namespace = parts.length > 1 ? parts[parts.length - 2] : "library";
        String host = parts.length > 2 ? parts[0] : "registry.ollama.ai";
        boolean valid = HOST.matcher(host).matches()
                && NAMESPACE.matcher(namespace).matches()
                && PART.matcher(model).matches()
                && PART.matcher(tag).matches();
        return valid ? Optional.of(new ModelName(host, namespace, model, tag, cloud)) : Optional.empty();
    }
}
