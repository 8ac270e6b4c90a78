package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The settings of one command: each from its flag, else from the environment, else its default.
 *
 * <p>Every way in which a value can be wrong is a {@link ConfigurationException} of one line that does not repeat a secret.
 * Not thread-safe.
 */
final class Settings {

    private static final Pattern PASSWORD_IN_URL = Pattern.compile("(?i).*//[^/]*:[^/]*@.*|.*[?&]password=.*");

    private final Map<String, String> environment;
    private final Set<Setting> offered;
    private final Map<Setting, String> flags = new EnumMap<>(Setting.class);
    private final Map<Setting, String> fileFlags = new EnumMap<>(Setting.class);

    private Settings(Map<String, String> environment, Set<Setting> offered) {
        this.environment = environment;
        this.offered = offered;
    }

    /** No setting is given by flag until {@link #addFlagsTo} has been called and the command line parsed. */
    static Settings of(Map<String, String> environment, Setting... offered) {
        EnumSet<Setting> set = EnumSet.noneOf(Setting.class);
        set.addAll(Arrays.asList(offered));
        return new Settings(environment, set);
    }

    /** Offers the settings as options of the command. */
    void addFlagsTo(CommandSpec command) {
        for (Setting setting : offered) {
            if (setting.hasFlag()) {
                command.addOption(option(
                        setting.flag(),
                        flags,
                        setting,
                        setting.description() + " Environment: " + setting.name() + "." + defaultOf(setting)));
            }
            if (setting.hasFile()) {
                String description = setting.hasFlag()
                        ? "The file in which " + setting.flag() + " is, if it holds a password. Environment: "
                                + setting.fileVariable() + "."
                        : "The file with " + lowerFirst(setting.description()) + " Environment: "
                                + setting.fileVariable() + ", or the secret itself in " + setting.name() + ".";
                command.addOption(option(setting.fileFlag(), fileFlags, setting, description));
            }
        }
    }

    /** The value of a setting that the command cannot do without. */
    String required(Setting setting) {
        return find(setting)
                .orElseThrow(() -> new ConfigurationException(setting.name() + " is not set; give "
                        + (setting.hasFlag() ? setting.flag() : setting.fileFlag())
                        + " or set the environment variable " + setting.name()
                        + (setting.hasFile() ? " or " + setting.fileVariable() : "")));
    }

    /** The value of a setting, its default if it has one. */
    Optional<String> find(Setting setting) {
        String flag = flags.get(setting);
        String fileFlag = fileFlags.get(setting);
        if (flag != null && fileFlag != null) {
            throw new ConfigurationException(
                    "both " + setting.flag() + " and " + setting.fileFlag() + " are given; give only one");
        }
        if (flag != null) {
            if (setting.hasFile() && PASSWORD_IN_URL.matcher(flag).matches()) {
                throw new ConfigurationException(setting.flag() + " holds a password, which every user of this machine"
                        + " can see; use " + setting.fileFlag() + " or the environment variable " + setting.name());
            }
            return Optional.of(notEmpty(setting, setting.flag(), flag));
        }
        if (fileFlag != null) {
            return Optional.of(SecretFile.read(setting.fileFlag(), fileFlag));
        }
        return fromEnvironment(setting).or(() -> Optional.ofNullable(setting.defaultValue()));
    }

    /** What gives the value of a setting: a flag or a variable; empty if neither does. */
    Optional<String> source(Setting setting) {
        if (flags.containsKey(setting)) {
            return Optional.of(setting.flag());
        }
        if (fileFlags.containsKey(setting)) {
            return Optional.of(setting.fileFlag());
        }
        if (environment.containsKey(setting.name())) {
            return Optional.of(setting.name());
        }
        return setting.hasFile() && environment.containsKey(setting.fileVariable())
                ? Optional.of(setting.fileVariable())
                : Optional.empty();
    }

    /** The file that a secret is to be read from, whether it can be or not; empty if it is given otherwise. */
    Optional<Path> file(Setting setting) {
        String path = fileFlags.getOrDefault(setting, environment.get(setting.fileVariable()));
        try {
            return Optional.ofNullable(path).map(Path::of);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private Optional<String> fromEnvironment(Setting setting) {
        String variable = environment.get(setting.name());
        String fileVariable = setting.hasFile() ? environment.get(setting.fileVariable()) : null;
        if (variable != null && fileVariable != null) {
            throw new ConfigurationException(
                    "both " + setting.name() + " and " + setting.fileVariable() + " are set; unset one of them");
        }
        if (variable != null) {
            return Optional.of(notEmpty(setting, setting.name(), variable));
        }
        return Optional.ofNullable(fileVariable).map(path -> SecretFile.read(setting.fileVariable(), path));
    }

    /** A whole number in the range, bounds included. */
    int integer(Setting setting, int min, int max) {
        String text = required(setting);
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Falls through to the one message for everything that is no number in the range.
        }
        throw new ConfigurationException(
                setting.name() + ": " + text + " (expected: a whole number from " + min + " to " + max + ")");
    }

    /** A choice. */
    boolean bool(Setting setting) {
        String text = required(setting);
        if (!text.equals("true") && !text.equals("false")) {
            throw new ConfigurationException(setting.name() + ": " + text + " (expected: true or false)");
        }
        return text.equals("true");
    }

    /** A duration longer than zero and at most a day. */
    Duration duration(Setting setting) {
        String text = required(setting);
        return DurationText.parse(text)
                .filter(duration -> !duration.isZero() && duration.compareTo(Duration.ofDays(1)) <= 0)
                .orElseThrow(() -> new ConfigurationException(setting.name() + ": " + text + " (expected: "
                        + DurationText.EXPECTED + "; longer than zero, at most a day)"));
    }

    /** The database's URL with user and password in it, wherever they were given. */
    String databaseUrl() {
        String url = required(Setting.DATABASE_URL);
        String user = find(Setting.DATABASE_USER).orElse(null);
        String password = find(Setting.DATABASE_PASSWORD).orElse(null);
        if (user == null && password == null) {
            return url;
        }
        int start = url.indexOf("://");
        if (start < 0) {
            throw new ConfigurationException(
                    "DATABASE_URL is no URL; expected something like postgresql://gateway_app@db:5432/gateway");
        }
        String rest = url.substring(start + 3);
        int slash = rest.indexOf('/');
        int at = (slash < 0 ? rest : rest.substring(0, slash)).lastIndexOf('@');
        String inUrl = at < 0 ? "" : rest.substring(0, at);
        if (user != null && !inUrl.isEmpty()) {
            throw new ConfigurationException("the user is both in DATABASE_URL and in DATABASE_USER; give it once");
        }
        if (password != null && inUrl.contains(":")) {
            throw new ConfigurationException(
                    "the password is both in DATABASE_URL and in DATABASE_PASSWORD; give it once");
        }
        if (user == null && inUrl.isEmpty()) {
            throw new ConfigurationException("DATABASE_PASSWORD is set without a user; add DATABASE_USER");
        }
        String name = user == null ? inUrl : encode(user);
        return url.substring(0, start + 3) + name + (password == null ? "" : ":" + encode(password)) + "@"
                + rest.substring(at + 1);
    }

    /**
     * Ollama's address.
     *
     * @throws ConfigurationException if it is more or less than scheme, host and port
     */
    URI ollamaUrl() {
        String text = required(Setting.OLLAMA_URL);
        try {
            URI uri = new URI(text);
            boolean bare = uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && List.of("", "/").contains(uri.getRawPath() == null ? "" : uri.getRawPath());
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && bare && uri.getHost() != null && uri.getPort() != 0 && uri.getPort() <= 65535) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Falls through to the one message, which does not repeat what may hold a password.
        }
        throw new ConfigurationException(
                "OLLAMA_URL must be http or https, a host and a port, and nothing else, such as"
                        + " http://127.0.0.1:11434");
    }

    private static OptionSpec option(String name, Map<Setting, String> values, Setting setting, String description) {
        // Type and label are given, since picocli would otherwise derive both from the setter.
        return OptionSpec.builder(name)
                .type(String.class)
                .paramLabel(name.endsWith("-file") ? "PATH" : "VALUE")
                .description(description.replace("%", "%%"))
                .setter(new FlagSetter(values, setting))
                .build();
    }

    private static String defaultOf(Setting setting) {
        String value = setting.defaultValue();
        return value == null || value.isEmpty() ? "" : " Default: " + value + ".";
    }

    private static String notEmpty(Setting setting, String source, String value) {
        if (value.isBlank() && !"".equals(setting.defaultValue())) {
            throw new ConfigurationException(source + " is empty; give it a value or leave it out");
        }
        return value.strip();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String lowerFirst(String text) {
        return Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }

    /** Remembers the value of a flag; picocli calls it with null at the start of every parse. */
    private record FlagSetter(Map<Setting, String> values, Setting setting)
            implements picocli.CommandLine.Model.ISetter {

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // as the interface has it
        public <T> @Nullable T set(@Nullable T value) {
            if (value == null) {
                values.remove(setting);
            } else {
                values.put(setting, (String) value);
            }
            return null;
        }
    }
}
