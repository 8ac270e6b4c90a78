package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.testkit.MockOllama;
import ai.neuronetz.gateway.testkit.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * A gateway as users run it, for clients that know nothing of it: with keys that meet each of its limits, and a Redis that can
 * go away.
 */
final class ClientStage implements AutoCloseable {

    static final String MODEL = "llama3.2:3b";
    static final String OTHER_MODEL = "mistral:7b";
    static final String TEXT = "The sky scatters blue light more.";
    static final String THOUGHT = "Hm.";
    static final String CITY = "{\"city\":\"Paris\"}";

    /** One red pixel. */
    static final String PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

    private static final int MAX_CALLS = 50;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final TestRedis redis = TestRedis.start();
    private final Installation installation = new Installation();
    private final GatewayProcess gateway;
    private final String key;
    private final String spentKey;
    private final String hastyKey;
    private final String singleKey;

    ClientStage() throws IOException, InterruptedException {
        reset();
        installation.command("create-tenant", "--tenant", "acme");
        installation.command("set-models", "--tenant", "acme", "--allow", MODEL);
        key = installation.createKey("acme");
        spentKey = keyWith("--total-budget", "400", "--max-output", "20");
        hastyKey = keyWith("--rpm", "1");
        singleKey = keyWith("--concurrency", "1");
        Map<String, String> settings = installation.serveSettings();
        settings.put("REDIS_URL", redis.url());
        settings.put("IDLE_TIMEOUT", "1s");
        settings.put("PLAYGROUND_ENABLED", "true");
        settings.put("AUTH_FAILURE_RATE_LIMIT_PER_IP_PER_MIN", "1000");
        gateway = GatewayProcess.start(settings);
        ollama().pace(Duration.ZERO);
        // Warm: a gateway that loads its classes on a busy machine denies what it cannot check in time.
        for (int request = 0; request < 20; request++) {
            chatUntil(key, answer -> answer.statusCode() == 200);
        }
        chatUntil(spentKey, new Spent());
    }

    /** The model server as it is at the start: it says {@link #TEXT}, slowly enough to see that a stream is one. */
    void reset() {
        ollama().reset()
                .models(MODEL, OTHER_MODEL)
                .reply("The", " sky", " scatters", " blue", " light", " more", ".")
                .pace(Duration.ofMillis(25));
    }

    /** The model thinks {@link #THOUGHT}, says its text and calls {@code weather} with {@link #CITY}. */
    void callTools() {
        ollama().thinking("H", "m", ".").toolCall("weather", CITY).pace(Duration.ZERO);
    }

    MockOllama ollama() {
        return installation.ollama();
    }

    /** Base URL, without a slash at the end. */
    String url() {
        return gateway.url().toString();
    }

    /** May use {@link #MODEL} and not {@link #OTHER_MODEL}. */
    String key() {
        return key;
    }

    /** One that nobody was given. */
    String wrongKey() {
        return key.substring(0, key.length() - 1) + (key.endsWith("0") ? "1" : "0");
    }

    /** Its budget is spent. */
    String spentKey() {
        return spentKey;
    }

    /** Has one request in a minute. */
    String hastyKey() {
        return hastyKey;
    }

    /** May have one request open. */
    String singleKey() {
        return singleKey;
    }

    /** Does something while the limits cannot be known, and waits until they can again. */
    void withoutRedis(Outage during) throws Exception {
        redis.stop();
        try {
            during.run();
        } finally {
            redis.restart();
            chatUntil(key, answer -> answer.statusCode() == 200);
        }
    }

    @Override
    public void close() throws IOException {
        gateway.close();
        installation.close();
        redis.close();
    }

    /** What is done during an outage. */
    interface Outage {
        void run() throws Exception;
    }

    /** A key of its own with limits, given as options of {@code set-limits}. */
    String keyWith(String... limits) throws IOException {
        String made = installation.createKey("acme");
        String[] command = new String[limits.length + 3];
        command[0] = "set-limits";
        command[1] = "--key";
        command[2] = made.substring(4, 16);
        System.arraycopy(limits, 0, command, 3, limits.length);
        installation.command(command);
        return made;
    }

    private void chatUntil(String bearer, Predicate<HttpResponse<String>> enough)
            throws IOException, InterruptedException {
        HttpRequest chat = HttpRequest.newBuilder(URI.create(url() + "/api/chat"))
                .header("Authorization", "Bearer " + bearer)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + MODEL
                        + "\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                .build();
        String last = "";
        for (int i = 0; i < MAX_CALLS; i++) {
            HttpResponse<String> answer = http.send(chat, HttpResponse.BodyHandlers.ofString());
            if (enough.test(answer)) {
                return;
            }
            if (answer.statusCode() != 200) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
            last = answer.statusCode() + " " + answer.body();
        }
        throw new AssertionError("not after " + MAX_CALLS + " calls; the last answer was " + last);
    }

    /**
     * That the budget is spent for good. What a request has reserved and not used comes back when it is settled, so a refusal
     * counts only if nothing was open before it.
     */
    private final class Spent implements Predicate<HttpResponse<String>> {

        private boolean settled;

        @Override
        public boolean test(HttpResponse<String> answer) {
            boolean settledBefore = settled;
            settled = !installation
                    .command("audit", "list", "--tenant", "acme", "--json")
                    .contains("OPEN");
            return answer.statusCode() == 402 && settledBefore;
        }
    }
}
