package ai.neuronetz.gateway;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.upstream.Timeouts;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything a gateway is told before it starts. The words are those of the environment variables and flags of the
 * bundled application.
 *
 * <p>Immutable. Not a record, because some of it is secret; {@link #toString} shows what may be shown.
 */
public final class GatewaySettings {

    private static final Duration LONGEST_ANSWER = Duration.ofHours(24);

    private final @Nullable String databaseUrl;
    private final @Nullable String redisUrl;
    private final URI ollamaUrl;
    private final @Nullable String keyPepper;
    private final int maxRequestBodyBytes;
    private final int maxNumPredict;
    private final int promptOverheadTokens;
    private final int imageTokens;
    private final int maxConcurrentUpstream;
    private final int authFailuresPerMinute;
    private final String trustedProxies;
    private final Duration discoveryInterval;
    private final Duration discoveryMaxAge;
    private final boolean showModelPrompts;
    private final Timeouts timeouts;
    private final @Nullable Path spoolDirectory;
    private final @Nullable String auditSealKey;

    private GatewaySettings(Builder builder) {
        this.databaseUrl = builder.databaseUrl;
        this.redisUrl = builder.redisUrl;
        this.ollamaUrl = upstreamUri(builder.ollamaUrl);
        this.keyPepper = builder.keyPepper;
        this.maxRequestBodyBytes = inRange("MAX_REQUEST_BODY_BYTES", builder.maxRequestBodyBytes, 1, 64 << 20);
        this.maxNumPredict = inRange("MAX_NUM_PREDICT", builder.maxNumPredict, 1, 1 << 20);
        this.promptOverheadTokens = inRange("PROMPT_OVERHEAD_TOKENS", builder.promptOverheadTokens, 0, 1 << 20);
        this.imageTokens = inRange("IMAGE_TOKENS", builder.imageTokens, 1, 1 << 20);
        this.maxConcurrentUpstream = inRange("MAX_CONCURRENT_UPSTREAM", builder.maxConcurrentUpstream, 1, 20_000);
        this.authFailuresPerMinute =
                inRange("AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN", builder.authFailuresPerMinute, 1, 100_000);
        this.trustedProxies = builder.trustedProxies;
        this.discoveryInterval = positive("DISCOVERY_INTERVAL", builder.discoveryInterval);
        this.discoveryMaxAge = positive("DISCOVERY_MAX_AGE", builder.discoveryMaxAge);
        this.showModelPrompts = builder.showModelPrompts;
        this.timeouts = builder.timeouts;
        this.spoolDirectory = builder.spoolDirectory;
        this.auditSealKey = builder.auditSealKey;
        if (timeouts.total().compareTo(LONGEST_ANSWER) > 0) {
            throw new ConfigurationException(
                    "TOTAL_TIMEOUT: " + timeouts.total() + " (expected: at most " + LONGEST_ANSWER + ")");
        }
        if (discoveryMaxAge.compareTo(discoveryInterval) < 0) {
            throw new ConfigurationException("DISCOVERY_MAX_AGE: " + discoveryMaxAge
                    + " is shorter than DISCOVERY_INTERVAL: " + discoveryInterval + "; no model would ever resolve");
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Holds a password: for the gateway only. */
    @Internal
    public String databaseUrl() {
        return required("DATABASE_URL", databaseUrl);
    }

    /** May hold a password: for the gateway only. */
    @Internal
    public String redisUrl() {
        return required("REDIS_URL", redisUrl);
    }

    public URI ollamaUrl() {
        return ollamaUrl;
    }

    /** A secret: for the gateway only. */
    @Internal
    public String keyPepper() {
        return required("KEY_PEPPER", keyPepper);
    }

    public int maxRequestBodyBytes() {
        return maxRequestBodyBytes;
    }

    public int maxNumPredict() {
        return maxNumPredict;
    }

    public int promptOverheadTokens() {
        return promptOverheadTokens;
    }

    public int imageTokens() {
        return imageTokens;
    }

    public int maxConcurrentUpstream() {
        return maxConcurrentUpstream;
    }

    public int authFailuresPerMinute() {
        return authFailuresPerMinute;
    }

    public String trustedProxies() {
        return trustedProxies;
    }

    public Duration discoveryInterval() {
        return discoveryInterval;
    }

    public Duration discoveryMaxAge() {
        return discoveryMaxAge;
    }

    public boolean showModelPrompts() {
        return showModelPrompts;
    }

    public Timeouts timeouts() {
        return timeouts;
    }

    public Optional<Path> spoolDirectory() {
        return Optional.ofNullable(spoolDirectory);
    }

    public Optional<String> auditSealKey() {
        return Optional.ofNullable(auditSealKey);
    }

    /** Without database, Redis, pepper and seal key, which are or may hold secrets. */
    @Override
    public String toString() {
        return "GatewaySettings[ollamaUrl=" + ollamaUrl + ", maxRequestBodyBytes=" + maxRequestBodyBytes
                + ", maxNumPredict=" + maxNumPredict + ", promptOverheadTokens=" + promptOverheadTokens
                + ", imageTokens=" + imageTokens + ", maxConcurrentUpstream=" + maxConcurrentUpstream
                + ", authFailuresPerMinute=" + authFailuresPerMinute + ", trustedProxies=" + trustedProxies
                + ", discoveryInterval=" + discoveryInterval + ", discoveryMaxAge=" + discoveryMaxAge
                + ", showModelPrompts=" + showModelPrompts + ", "
                + timeouts + ", spoolDirectory=" + spoolDirectory + "]";
    }

    private static URI upstreamUri(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new ConfigurationException("OLLAMA_URL is no URL; expected something like http://127.0.0.1:11434");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean bare = (uri.getPath() == null
                        || uri.getPath().isEmpty()
                        || uri.getPath().equals("/"))
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null
                && uri.getRawUserInfo() == null;
        if (!scheme.equals("http") || uri.getHost() == null || !bare) {
            throw new ConfigurationException(
                    "OLLAMA_URL must be http, host and port only, such as http://127.0.0.1:11434");
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : 11434;
        return URI.create(scheme + "://" + uri.getHost() + ":" + port);
    }

    private static <T> T required(String name, @Nullable T value) {
        if (value == null) {
            throw new ConfigurationException(name + " is not set");
        }
        return value;
    }

    private static int inRange(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ConfigurationException(name + ": " + value + " (expected: " + min + " to " + max + ")");
        }
        return value;
    }

    private static Duration positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new ConfigurationException(name + ": " + value + " (expected: longer than zero)");
        }
        return value;
    }

    /** Builds {@link GatewaySettings}. Not thread-safe. */
    public static final class Builder {

        private @Nullable String databaseUrl;
        private @Nullable String redisUrl;
        private String ollamaUrl = "http://127.0.0.1:11434";
        private @Nullable String keyPepper;
        private int maxRequestBodyBytes = 262_144;
        private int maxNumPredict = 4096;
        private int promptOverheadTokens = 256;
        private int imageTokens = 4096;
        private int maxConcurrentUpstream = 64;
        private int authFailuresPerMinute = 10;
        private String trustedProxies = "";
        private Duration discoveryInterval = Duration.ofSeconds(10);
        private Duration discoveryMaxAge = Duration.ofSeconds(60);
        private boolean showModelPrompts;
        private Timeouts timeouts = Timeouts.standard();
        private @Nullable Path spoolDirectory;
        private @Nullable String auditSealKey;

        private Builder() {}

        /** PostgreSQL, as {@code postgresql://gateway_app:…@host:5432/database}. Required. */
        public Builder databaseUrl(String databaseUrl) {
            this.databaseUrl = requireNonNull(databaseUrl, "databaseUrl");
            return this;
        }

        /** Redis, as {@code redis://host:6379}. Required. */
        public Builder redisUrl(String redisUrl) {
            this.redisUrl = requireNonNull(redisUrl, "redisUrl");
            return this;
        }

        /** Ollama, scheme, host and port only. Defaults to where Ollama listens by itself: {@code http://127.0.0.1:11434}. */
        public Builder ollamaUrl(String ollamaUrl) {
            this.ollamaUrl = requireNonNull(ollamaUrl, "ollamaUrl");
            return this;
        }

        /** The secret under which keys are looked up, at least 32 bytes in base64 or hexadecimal. Required. */
        public Builder keyPepper(String keyPepper) {
            this.keyPepper = requireNonNull(keyPepper, "keyPepper");
            return this;
        }

        /** The longest request body, inclusive. Defaults to 262144. */
        public Builder maxRequestBodyBytes(int maxRequestBodyBytes) {
            this.maxRequestBodyBytes = maxRequestBodyBytes;
            return this;
        }

        /** The cap on the output of one request, in tokens. Defaults to 4096; tenants and keys can only lower it. */
        public Builder maxNumPredict(int maxNumPredict) {
            this.maxNumPredict = maxNumPredict;
            return this;
        }

        /**
         * Input tokens reserved for what a model's template writes into each prompt, its own system prompt included. Defaults
         * to 256.
         */
        public Builder promptOverheadTokens(int promptOverheadTokens) {
            this.promptOverheadTokens = promptOverheadTokens;
            return this;
        }

        /** Input tokens reserved for each image. Defaults to 4096. */
        public Builder imageTokens(int imageTokens) {
            this.imageTokens = imageTokens;
            return this;
        }

        /** Requests this process has open at Ollama at once. Defaults to 64. */
        public Builder maxConcurrentUpstream(int maxConcurrentUpstream) {
            this.maxConcurrentUpstream = maxConcurrentUpstream;
            return this;
        }

        /** Failed authentications per source address and minute. Defaults to 10. */
        public Builder authFailuresPerMinute(int authFailuresPerMinute) {
            this.authFailuresPerMinute = authFailuresPerMinute;
            return this;
        }

        /** Networks whose {@code X-Forwarded-For} is believed, as CIDRs with commas between. Defaults to none. */
        public Builder trustedProxies(String trustedProxies) {
            this.trustedProxies = requireNonNull(trustedProxies, "trustedProxies");
            return this;
        }

        /** How often Ollama is asked for its models. Defaults to 10 s. */
        public Builder discoveryInterval(Duration discoveryInterval) {
            this.discoveryInterval = requireNonNull(discoveryInterval, "discoveryInterval");
            return this;
        }

        /** How long an answer of Ollama's is gone by; after that no model resolves. Defaults to 60 s. */
        public Builder discoveryMaxAge(Duration discoveryMaxAge) {
            this.discoveryMaxAge = requireNonNull(discoveryMaxAge, "discoveryMaxAge");
            return this;
        }

        /**
         * Whether {@code /api/show} tells callers the template, the system prompt and the example messages of the models that
         * they may use. Defaults to no.
         */
        public Builder showModelPrompts(boolean showModelPrompts) {
            this.showModelPrompts = showModelPrompts;
            return this;
        }

        /** Defaults to {@link Timeouts#standard}. */
        public Builder timeouts(Timeouts timeouts) {
            this.timeouts = requireNonNull(timeouts, "timeouts");
            return this;
        }

        /**
         * Where settlements wait on disk while PostgreSQL does not take them; this user's alone. Defaults to one in the
         * system's temporary directory, which should be another if that does not outlive the process.
         */
        public Builder spoolDirectory(Path spoolDirectory) {
            this.spoolDirectory = requireNonNull(spoolDirectory, "spoolDirectory");
            return this;
        }

        /**
         * The secret under which seals of the audit log are signed, at least 32 bytes in base64 or hexadecimal; the same for all
         * gateways over a database. They are not signed by default.
         */
        public Builder auditSealKey(String auditSealKey) {
            this.auditSealKey = requireNonNull(auditSealKey, "auditSealKey");
            return this;
        }

        /**
         * Builds the settings. What is required is checked where it is needed, since an embedder may replace the stage that
         * needs it.
         *
         * @throws ConfigurationException if a value is out of range
         */
        public GatewaySettings build() {
            return new GatewaySettings(this);
        }
    }
}
