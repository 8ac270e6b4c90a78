package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds environment variables that were meant for the gateway and misspelt. */
final class UnknownVariables {

    private static final String PREFIX = "GATEWAY_";

    // What Kubernetes sets in every container for a Service whose name begins with "gateway".
    private static final Pattern KUBERNETES =
            Pattern.compile("GATEWAY_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_.*)?)");

    // Shorter names differ by one letter by chance.
    private static final int MIN_LENGTH = 8;

    private UnknownVariables() {}

    /**
     * @throws ConfigurationException if a name begins with {@code GATEWAY_} and is no setting, or is one typing error away
     *     from one: a limit that is silently not in force is worse than a start that fails
     */
    static void refuse(Set<String> names) {
        Set<String> known = new TreeSet<>();
        for (Setting setting : Setting.values()) {
            known.add(setting.name());
            if (setting.hasFile()) {
                known.add(setting.fileVariable());
            }
        }
        for (String name : new TreeSet<>(names)) {
            if (known.contains(name) || name.length() < MIN_LENGTH) {
                continue;
            }
            for (String setting : known) {
                if (oneErrorApart(name, setting)) {
                    throw new ConfigurationException("the environment variable " + name
                            + " is no setting; did you mean " + setting + "? Rename or unset it");
                }
            }
            if (name.startsWith(PREFIX) && !KUBERNETES.matcher(name).matches()) {
                throw new ConfigurationException("the environment variable " + name
                        + " is no setting; unset it, or see serve --help for those there are");
            }
        }
    }

    /** One letter more, less or other, or two neighbours swapped. */
    private static boolean oneErrorApart(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 1) {
            return false;
        }
        int start = 0;
        while (start < Math.min(a.length(), b.length()) && a.charAt(start) == b.charAt(start)) {
            start++;
        }
        String restA = a.substring(start);
        String restB = b.substring(start);
        if (restA.length() != restB.length()) {
            return restA.length() > restB.length()
                    ? restA.substring(1).equals(restB)
                    : restB.substring(1).equals(restA);
        }
        boolean other = restA.isEmpty() || restA.substring(1).equals(restB.substring(1));
        boolean swapped = restA.length() > 1
                && restA.charAt(0) == restB.charAt(1)
                && restA.charAt(1) == restB.charAt(0)
                && restA.substring(2).equals(restB.substring(2));
        return other || swapped;
    }
}
