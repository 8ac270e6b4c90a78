package ai.neuronetz.gateway.testkit;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A scripted Ollama on a port of its own: native, OpenAI and Anthropic dialect, streamed frame by frame.
 *
 * <p>The script says how every inference request that comes from now on is answered; one that is under way goes on as
 * it began. A frame is one NDJSON line or one SSE event, and each is written on its own. All that came and all that was
 * done for it is recorded, the newest {@link Builder#keep(int)} of each. A client that goes away is noticed at once,
 * even when no frame is due. Thread-safe; holds no thread per stream.
 */
public final class MockOllama implements AutoCloseable {
    private static final Set<String> DISCOVERY = Set.of("/api/tags", "/api/version", "/api/show");

    private final AtomicReference<Script> script = new AtomicReference<>(new Script());
    private final MockModels models = new MockModels();
    private final MockRecord mockRecord;
    private final WireMockBridge wireMock = new WireMockBridge();
    private final Pacer pacer = new Pacer();
    private final Server server;
    private final ServerConnector connector;
    private final Builder defaults;

    private MockOllama(Builder builder) {
        this.defaults = builder;
        this.mockRecord = new MockRecord(builder.keep);
        QueuedThreadPool threads = new QueuedThreadPool(32, 4);
        threads.setName("mock-ollama");
        threads.setDaemon(true);
        this.server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        // Whatever a client sends has to reach the record, so nothing is refused for its form.
        http.setUriCompliance(UriCompliance.UNSAFE);
        http.setSendServerVersion(false);
        this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(builder.host);
        connector.setPort(builder.port);
        connector.setAcceptQueueSize(2_048);
        connector.setIdleTimeout(0);
        server.addConnector(connector);
        server.setHandler(new MockHandler(models, mockRecord, wireMock, pacer, script::get));
        reset();
    }

    /** Starts one on a free port of 127.0.0.1 with the model {@code llama3.2:3b} and no delays. */
    public static MockOllama start() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** {@code http://host:port}. */
    public URI uri() {
        return URI.create("http://" + defaults.host + ":" + port());
    }

    public int port() {
        return connector.getLocalPort();
    }

    /** Replaces the models. Digests follow from the names. */
    public MockOllama models(String... names) {
        models.set(List.of(names));
        return this;
    }

    /** Changes the digest of a model, as if another file had been pulled under its name; {@code hex} has 64 digits. */
    public MockOllama digest(String model, String hex) {
        models.digest(model, hex);
        return this;
    }

    /** The digest that {@code /api/tags} shows. */
    public String digest(String model) {
        return models.digest(model).orElseThrow(() -> new IllegalArgumentException("no such model: " + model));
    }

    /** The text of the answer, one token a frame. */
    public MockOllama reply(String... tokens) {
        return change(s -> s.reply = List.of(tokens));
    }

    /** An answer of {@code count} tokens. */
    public MockOllama replyTokens(int count) {
        return change(s -> s.reply = Script.tokens(count));
    }

    /** Thinking before the text, one token a frame; it counts as generated. */
    public MockOllama thinking(String... tokens) {
        return change(s -> s.thinking = List.of(tokens));
    }

    /** Adds a tool call after the text; /api/generate and /v1/completions do not show it. */
    public MockOllama toolCall(String name, String argumentsJson) {
        return change(s -> s.toolCalls = append(s.toolCalls, new Script.ToolCall(name, argumentsJson)));
    }

    /** The time from one token to the next, and from the last to the end. */
    public MockOllama pace(Duration pace) {
        return change(s -> s.pace = pace);
    }

    /** The time from the request to the first frame, or to a refusal; nothing is sent before, not even the status. */
    public MockOllama firstFrameAfter(Duration delay) {
        return change(s -> s.firstFrameAfter = delay);
    }

    /** Answers every inference with this status and an error in the request's dialect. */
    public MockOllama failBefore(int status, String error) {
        return change(s -> s.refusal = new Script.Refusal(status, error));
    }

    /**
     * Breaks streams off after {@code frames} frames as Ollama does when its engine fails: only the native dialect
     * shows the text. An answer that is not streamed becomes a 500.
     */
    public MockOllama failAfterFrames(int frames, String error) {
        return fault(Script.Fault.Kind.ERROR, frames, error);
    }

    /** Ends the HTTP body properly after {@code frames} frames, but without the frames that end an answer. */
    public MockOllama cutAfterFrames(int frames) {
        return fault(Script.Fault.Kind.CUT, frames, "");
    }

    /** Closes the connection (FIN) in the middle of the HTTP body. */
    public MockOllama closeAfterFrames(int frames) {
        return fault(Script.Fault.Kind.CLOSE, frames, "");
    }

    /** Resets the connection (RST) in the middle of the HTTP body; frames on their way may be lost. */
    public MockOllama resetAfterFrames(int frames) {
        return fault(Script.Fault.Kind.RESET, frames, "");
    }

    /** Sends nothing more after {@code frames} frames, until the client goes away. */
    public MockOllama stallAfterFrames(int frames) {
        return fault(Script.Fault.Kind.STALL, frames, "");
    }

    /** Puts a frame that is no JSON after {@code frames} frames, which is not counted as a frame, and goes on. */
    public MockOllama garbageAfterFrames(int frames) {
        return fault(Script.Fault.Kind.GARBAGE, frames, "");
    }

    /** Leaves the token counts out of the answers, or makes them 0 where the dialect always has them. */
    public MockOllama omitCounts() {
        return change(s -> s.omitCounts = true);
    }

    /** Claims these token counts whatever the truth is. */
    public MockOllama counts(long prompt, long eval) {
        return change(s -> s.counts = new Script.Counts(prompt, eval));
    }

    /** Whether {@code /api/tags} and {@code /v1/models} answer 503. */
    public MockOllama unavailable(boolean unavailable) {
        return change(s -> s.unavailable = unavailable);
    }

    /** Back to the script and models it was started with; WireMock's stubs go, the record stays. */
    public MockOllama reset() {
        models.set(defaults.models);
        wireMock.reset();
        Script fresh = new Script();
        fresh.pace = defaults.pace;
        script.set(fresh);
        return this;
    }

    /** The WireMock that answers what it has stubs for, before the script; started by the first call. */
    public WireMockServer wireMock() {
        return wireMock.server();
    }

    /** Adds a stub to {@link #wireMock()}. Its answers are not streamed and not recorded as generations. */
    public MockOllama stub(MappingBuilder mapping) {
        wireMock.stub(mapping);
        return this;
    }

    /** Everything received, oldest first. */
    public List<ReceivedRequest> requests() {
        return mockRecord.requests();
    }

    /** {@link #requests()} without polls of {@code /api/tags}, {@code /api/version} and {@code /api/show}. */
    public List<ReceivedRequest> inferenceRequests() {
        return requests().stream()
                .filter(request -> !DISCOVERY.contains(request.path()))
                .toList();
    }

    /** What was done for each inference request that named a known model, oldest first. */
    public List<Generation> generations() {
        return mockRecord.generations();
    }

    /** Generations that have not ended, streamed or not. */
    public int openStreams() {
        return mockRecord.openCount();
    }

    /** The most {@link #openStreams()} there were at a time, since the start or {@link #clearRecord()}. */
    public int peakOpenStreams() {
        return mockRecord.peak();
    }

    /** Waits until no stream is open. {@link IllegalStateException} if one still is after {@code limit}. */
    public void awaitQuiet(Duration limit) throws InterruptedException {
        mockRecord.awaitQuiet(limit);
    }

    /** Forgets all requests and generations; open ones go on and count as open. */
    public MockOllama clearRecord() {
        mockRecord.clear();
        return this;
    }

    /** Stops at once; open streams break. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("cannot stop", e);
        } finally {
            pacer.close();
            wireMock.close();
        }
    }

    private MockOllama fault(Script.Fault.Kind kind, int frames, String text) {
        return change(s -> s.fault = new Script.Fault(kind, frames, text));
    }

    private MockOllama change(Consumer<Script> change) {
        script.updateAndGet(current -> {
            Script copy = current.copy();
            change.accept(copy);
            return copy;
        });
        return this;
    }

    private static <T> List<T> append(List<T> list, T element) {
        return Stream.concat(list.stream(), Stream.of(element)).toList();
    }

    /** How a {@link MockOllama} starts and what {@link MockOllama#reset()} goes back to. Not thread-safe. */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private List<String> models = List.of("llama3.2:3b");
        private Duration pace = Duration.ZERO;
        private int keep = 20_000;

        private Builder() {}

        /** The address to listen on; 127.0.0.1 if not set. */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** The port; 0, which is the default, takes a free one. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** The models; {@code llama3.2:3b} if not set. */
        public Builder models(String... names) {
            this.models = List.of(names);
            return this;
        }

        /** The time between frames; none if not set. */
        public Builder pace(Duration pace) {
            this.pace = pace;
            return this;
        }

        /** How many requests and how many generations the record keeps; 20,000 if not set. */
        public Builder keep(int newest) {
            this.keep = newest;
            return this;
        }

        public MockOllama start() {
            MockOllama mock = new MockOllama(this);
            try {
                mock.server.start();
            } catch (Exception e) {
                mock.close();
                throw new IllegalStateException("cannot listen on " + host + ":" + port, e);
            }
            return mock;
        }
    }
}
