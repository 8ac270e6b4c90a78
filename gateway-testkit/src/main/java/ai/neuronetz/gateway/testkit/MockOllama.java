package ai.neuronetz.gateway.testkit;

import static java.util.Objects.requireNonNull;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
 * <p>Its own script is for all inference requests that come from now on; {@link #onModel}, {@link #on} and {@link #next}
 * script some of them differently. An answer that is under way goes on as it began. All that came and all that was done
 * for it is recorded, the newest {@link Builder#keep(int)} of each. A client that goes away is noticed at once, even when
 * no frame is due. Thread-safe; holds no thread per stream. To be closed.
 */
public final class MockOllama extends AnswerScript<MockOllama> implements AutoCloseable {
    private static final Set<String> DISCOVERY = Set.of("/api/tags", "/api/version", "/api/show");

    private final Scripts scripts = new Scripts();
    private final MockModels models = new MockModels();
    private final MockApi api = new MockApi(models, scripts::of);
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
        server.setHandler(new MockHandler(api, mockRecord, wireMock, pacer));
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

    /** Replaces the models. Digests and details follow from the names. */
    public MockOllama models(String... names) {
        models.set(Stream.of(names).map(MockModel::named).toList());
        return this;
    }

    /** Adds a model, or replaces the one of its name. */
    public MockOllama install(MockModel model) {
        models.put(model);
        return this;
    }

    /** Changes the digest of a model, as if another file had been pulled under its name; {@code hex} has 64 digits. */
    public MockOllama digest(String model, String hex) {
        models.put(models.require(model).withDigest(hex));
        return this;
    }

    /** The digest that {@code /api/tags} shows. */
    public String digest(String model) {
        return models.require(model).digest();
    }

    /** Scripts the answers of one model, in any spelling. */
    public Rule onModel(String name) {
        String canonical = MockModel.canonical(name);
        return rule((request, model) -> MockModel.canonical(model).equals(canonical));
    }

    /** Scripts the answers to some requests. The predicate must not block. */
    public Rule on(Predicate<ReceivedRequest> requests) {
        requireNonNull(requests, "requests");
        return rule((request, model) -> requests.test(request));
    }

    /** Scripts the answers to the next {@code count} inference requests. */
    public Rule next(int count) {
        return rule((request, model) -> true).times(count);
    }

    private Rule rule(BiPredicate<ReceivedRequest, String> matches) {
        return new Rule(scripts, scripts.add(matches));
    }

    /** Whether {@code /api/tags} and {@code /v1/models} answer 503. */
    public MockOllama unavailable(boolean unavailable) {
        api.unavailable(unavailable);
        return this;
    }

    /** Back to the script and models it was started with; WireMock's stubs go, the record stays. */
    public MockOllama reset() {
        models.set(defaults.models);
        api.unavailable(false);
        wireMock.reset();
        scripts.reset(new Script().with(script -> script.pace = defaults.pace));
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

    @Override
    MockOllama change(Consumer<Script> change) {
        scripts.change(change);
        return this;
    }

    /**
     * How some requests are answered: as the mock answers all, but for what is said here.
     *
     * <p>Rules for a number of requests come first, in the order they were made, each until it is used up; of the others that
     * match the newest counts. Thread-safe.
     */
    public static final class Rule extends AnswerScript<Rule> {
        private final Scripts scripts;
        private final Scripts.Entry entry;

        private Rule(Scripts scripts, Scripts.Entry entry) {
            this.scripts = scripts;
            this.entry = entry;
        }

        /** Only for the next {@code count} requests that match. */
        public Rule times(int count) {
            scripts.limit(entry, count);
            return this;
        }

        @Override
        Rule change(Consumer<Script> change) {
            scripts.change(entry, change);
            return this;
        }
    }

    /** How a {@link MockOllama} starts and what {@link MockOllama#reset()} goes back to. Not thread-safe. */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private List<MockModel> models = List.of(MockModel.named("llama3.2:3b"));
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
            this.models = Stream.of(names).map(MockModel::named).toList();
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
