package ai.neuronetz.gateway.testkit.conformance;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the program was told.
 *
 * @param url scheme, host and port, and the path below which the gateway is mounted; without a slash at the end
 * @param model a model that the key may use; empty for the first of its list
 * @param forbiddenModel a model that is installed and that the key may not use; empty if there is none
 * @param maxBodyBytes as the gateway is configured
 * @param only part of the names of the checks to be run
 */
record Options(
        URI url,
        Keys keys,
        String model,
        String forbiddenModel,
        int maxBodyBytes,
        Duration timeout,
        String only,
        boolean json) {

    static final String USAGE = """
            usage: conformance --url http://host:port[/prefix] [options]

            Keys are read from files, or from the environment; make keys for this run and revoke them afterwards, since
            one check sends the key where it does not belong.

              --key-file f           CONFORMANCE_KEY          a key that may use a model (required)
              --other-key-file f     CONFORMANCE_OTHER_KEY    a key of another tenant that may use the same model
              --limited-key-file f   CONFORMANCE_LIMITED_KEY  a key with 1 to 50 requests per minute, unused for a minute
              --revoked-key-file f   CONFORMANCE_REVOKED_KEY  a revoked or expired key

              --model name           a model that the key may use (default: the first of its list)
              --forbidden-model name a model that is installed and that the key may not use
              --max-body-bytes n     the gateway's MAX_REQUEST_BODY_BYTES (default: 262144)
              --timeout-seconds n    for one answer (default: 60)
              --only text            only checks whose name contains the text
              --json                 prints JSON instead of a table

            exit code: 0 nothing failed, 1 something did, 2 wrong usage or no gateway
            """;

    private static final Set<String> NAMES = Set.of(
            "--url",
            "--key-file",
            "--other-key-file",
            "--limited-key-file",
            "--revoked-key-file",
            "--model",
            "--forbidden-model",
            "--max-body-bytes",
            "--timeout-seconds",
            "--only");

    /** @throws IllegalArgumentException with what is wrong, which never quotes a key */
    static Options parse(String[] arguments, Map<String, String> environment) {
        Map<String, String> given = new HashMap<>();
        boolean json = false;
        for (int index = 0; index < arguments.length; index++) {
            String name = arguments[index];
            if (name.equals("--json")) {
                json = true;
            } else if (NAMES.contains(name) && index + 1 < arguments.length) {
                given.put(name, arguments[++index]);
            } else {
                // Not quoted: it may be a key that was meant for another place.
                throw new IllegalArgumentException("argument " + (index + 1) + " is no option, or has no value");
            }
        }
        String main = key("key", given, environment);
        if (main == null) {
            throw new IllegalArgumentException("no key: give --key-file or CONFORMANCE_KEY");
        }
        Keys keys = new Keys(
                main,
                key("other-key", given, environment),
                key("limited-key", given, environment),
                key("revoked-key", given, environment));
        return new Options(
                url(given.getOrDefault("--url", "")),
                keys,
                given.getOrDefault("--model", ""),
                given.getOrDefault("--forbidden-model", ""),
                number(given, "--max-body-bytes", 262_144, 1 << 26),
                Duration.ofSeconds(number(given, "--timeout-seconds", 60, 3_600)),
                given.getOrDefault("--only", ""),
                json);
    }

    private static @Nullable String key(String name, Map<String, String> given, Map<String, String> environment) {
        String file = given.get("--" + name + "-file");
        if (file != null) {
            try {
                return usable(
                        "the file of --" + name + "-file",
                        Files.readString(Path.of(file)).strip());
            } catch (IOException e) {
                throw new IllegalArgumentException("the file of --" + name + "-file cannot be read", e);
            }
        }
        String variable = switch (name) {
            case "key" -> "CONFORMANCE_KEY";
            case "other-key" -> "CONFORMANCE_OTHER_KEY";
            case "limited-key" -> "CONFORMANCE_LIMITED_KEY";
            default -> "CONFORMANCE_REVOKED_KEY";
        };
        String value = environment.getOrDefault(variable, "").strip();
        return value.isEmpty() ? null : usable(variable, value);
    }

    /** The HTTP client would refuse anything else, with an exception that quotes it. */
    private static String usable(String source, String key) {
        if (!key.matches("[!-~]+")) {
            throw new IllegalArgumentException(source + " does not hold one key");
        }
        return key;
    }

    private static URI url(String text) {
        URI url;
        try {
            url = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("--url is none", e);
        }
        boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (!http
                || url.getHost() == null
                || !url.getRawPath().matches("(/[0-9A-Za-z._~-]+)*")
                || url.getRawQuery() != null
                || url.getRawFragment() != null
                || url.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "--url must be http://host:port or https://host:port, perhaps with a path");
        }
        return url;
    }

    private static int number(Map<String, String> given, String name, int standard, int most) {
        try {
            int number = Integer.parseInt(given.getOrDefault(name, String.valueOf(standard)));
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(name + " must be a number from 1 to " + most);
    }
}
