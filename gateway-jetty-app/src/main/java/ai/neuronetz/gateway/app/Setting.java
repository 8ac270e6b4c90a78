package ai.neuronetz.gateway.app;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be configured: the one table behind the environment variables, the flags and their help.
 *
 * <p>A setting is the environment variable of its own name and the flag {@code --of-its-name}. A secret can also be the
 * path of a file: {@code NAME_FILE} and {@code --name-file}; a bare secret is never a flag, because other users of the
 * machine can read command lines.
 */
enum Setting {
    DATABASE_URL(
            Kind.ADDRESS,
            null,
            "PostgreSQL, as postgresql://user@host:5432/database; serve connects as gateway_app, migrate as an owner,"
                    + " the other commands as gateway_cli."),
    DATABASE_USER(Kind.PLAIN, null, "The user as which to connect, if not in the URL."),
    DATABASE_PASSWORD(Kind.SECRET, null, "The user's password, if not in the URL."),
    REDIS_URL(
            Kind.ADDRESS,
            null,
            "Redis, as redis://host:6379, redis+sentinel://host:26379,host:26379/master-name or"
                    + " redis+cluster://host:6379,host:6379; rediss instead of redis for TLS."),
    OLLAMA_URL(Kind.PLAIN, null, "Ollama: scheme, host and port only, such as http://127.0.0.1:11434."),
    KEY_PEPPER(
            Kind.SECRET,
            null,
            "The secret under which keys are looked up: 32 random bytes in base64 or hexadecimal, from generate-pepper."),

    AUDIT_SEAL_KEY(
            Kind.SECRET,
            null,
            "The secret under which seals of the audit log are signed: 32 random bytes in base64 or hexadecimal. Optional; the"
                    + " same for all gateways."),

    LISTEN_HOST(
            Kind.PLAIN,
            "127.0.0.1",
            "The address to listen at. The default is reachable from this machine only; put TLS in front of any other."),
    LISTEN_PORT(Kind.PLAIN, "8080", "The port to listen at, 0 to 65535; 0 takes a free one."),
    TLS_CERTIFICATE_FILE(
            Kind.PLAIN,
            null,
            "The server's certificate in PEM, followed by those between it and the root: HTTPS instead of HTTP. Read again"
                    + " when it changes."),
    TLS_KEY_FILE(Kind.PLAIN, null, "The certificate's private key in PEM: PKCS#8, without a password."),
    MANAGEMENT_HOST(
            Kind.PLAIN,
            "127.0.0.1",
            "The address at which metrics and health are shown, without a key; the default is this machine only."),
    MANAGEMENT_PORT(Kind.PLAIN, "8081", "The port for that, 0 to 65535; 0 takes a free one, off shows nothing."),
    LOG_FORMAT(Kind.PLAIN, "text", "text, or json for one object per line, on standard error."),
    LOG_REQUESTS(Kind.PLAIN, "true", "Whether a line is logged for each request; never what was asked or answered."),
    MAX_CONNECTIONS(
            Kind.PLAIN,
            "10000",
            "Connections of clients open at once; more wait to be accepted until one closes. Each answer needs one more"
                    + " open file, for Ollama."),
    CLIENT_HEADER_TIMEOUT(
            Kind.PLAIN, "10s", "How long the head of a request may take to arrive, from its first byte to its last."),
    CLIENT_BODY_TIMEOUT(Kind.PLAIN, "30s", "The same for its body."),
    CLIENT_WRITE_TIMEOUT(
            Kind.PLAIN, "30s", "How long a client may leave a piece of its answer unread before it counts as gone."),
    CORS_ALLOWED_ORIGINS(
            Kind.PLAIN,
            "",
            "Origins whose pages may call the gateway from a browser, such as https://chat.example, with commas between;"
                    + " no wildcards; empty for none."),
    PLAYGROUND_ENABLED(
            Kind.PLAIN,
            "false",
            "Whether the playground, a page to try the gateway in a browser, is served at /playground. The page needs no"
                    + " key; what it calls does."),
    PLAYGROUND_FILE(Kind.PLAIN, null, "The playground's page; the one in the jar by default."),
    DISCOVERY_INTERVAL(Kind.PLAIN, "10s", "How often Ollama is asked which models are installed."),
    DISCOVERY_MAX_AGE(Kind.PLAIN, "60s", "How long its last answer is believed; after that no model resolves."),
    SHOW_MODEL_PROMPTS(
            Kind.PLAIN,
            "false",
            "Whether /api/show tells callers the template, system prompt and example messages of models they may use."),
    MAX_REQUEST_BODY_BYTES(Kind.PLAIN, "262144", "The longest request body accepted."),
    MAX_NUM_PREDICT(Kind.PLAIN, "4096", "The cap on the output of one request, in tokens."),
    PROMPT_OVERHEAD_TOKENS(
            Kind.PLAIN,
            "256",
            "Input tokens reserved for what a model's template adds to a prompt, its own system prompt included."),
    IMAGE_TOKENS(Kind.PLAIN, "4096", "Input tokens reserved for each image of a request."),
    MAX_CONCURRENT_UPSTREAM(Kind.PLAIN, "64", "Requests this process has open at Ollama at once."),
    AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN(
            Kind.PLAIN, "10", "Failed authentications per source address and minute before it is barred."),
    TRUSTED_PROXIES(
            Kind.PLAIN,
            "",
            "Networks whose X-Forwarded-For is believed, as CIDRs with commas between; empty for none."),
    CONNECT_TIMEOUT(Kind.PLAIN, "2s", "How long connecting to Ollama may take."),
    FIRST_BYTE_TIMEOUT(Kind.PLAIN, "5m", "How long Ollama may take to begin an answer; a model may have to load."),
    IDLE_TIMEOUT(Kind.PLAIN, "60s", "How long Ollama may be silent within an answer."),
    TOTAL_TIMEOUT(Kind.PLAIN, "30m", "How long an answer may take in all."),
    SPOOL_DIRECTORY(
            Kind.PLAIN,
            null,
            "Where settlements wait on disk while PostgreSQL does not take them. Default: one in the system's temporary"
                    + " directory; name another if that does not outlive the process."),
    SHUTDOWN_GRACE(Kind.PLAIN, "30s", "How long open answers may go on after SIGTERM before they are cut."),

    GATEWAY_APP_PASSWORD(
            Kind.SECRET,
            null,
            "The password that the role gateway_app, under which serve connects, is given. Left alone if absent."),
    GATEWAY_CLI_PASSWORD(
            Kind.SECRET,
            null,
            "The password that the role gateway_cli, under which commands connect, is given. Left alone if absent.");

    /** How a setting may be given. */
    private enum Kind {
        /** A flag and an environment variable. */
        PLAIN,
        /** As {@link #PLAIN}, and by file, since it may hold a password; as a flag it must not. */
        ADDRESS,
        /** An environment variable, or by file. */
        SECRET
    }

    private final Kind kind;
    private final @Nullable String defaultValue;
    private final String description;

    Setting(Kind kind, @Nullable String defaultValue, String description) {
        this.kind = kind;
        this.defaultValue = defaultValue;
        this.description = description;
    }

    /** The value where none is given, or null if there is no sensible one. */
    @Nullable
    String defaultValue() {
        return defaultValue;
    }

    String description() {
        return description;
    }

    String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String fileFlag() {
        return flag() + "-file";
    }

    String fileVariable() {
        return name() + "_FILE";
    }

    boolean hasFlag() {
        return kind != Kind.SECRET;
    }

    boolean hasFile() {
        return kind != Kind.PLAIN;
    }
}
