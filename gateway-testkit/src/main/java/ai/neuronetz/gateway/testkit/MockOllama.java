package ai.neuronetz.gateway.testkit;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * An Ollama that generates nothing, streams it frame by frame, and remembers all of it.
 *
 * <p>Its record is the ground truth a gateway is judged by: what arrived, what was generated, and who left. Streams hold no
 * thread, so that thousands can be open. WireMock answers what a test stubs with {@link #stub}; it cannot pace frames, which
 * is why the streams are served by a handler of this class' own.
 *
 * <p>Thread-safe. A change of the script holds for requests that arrive after it.
 */
public final class MockOllama implements AutoCloseable {

    private final AtomicReference<MockScript> script = new AtomicReference<>(MockScript.initial());
    private final List<ReceivedRequest> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<MockGeneration> generations = new CopyOnWriteArrayList<>();
    private final Server server;
    private final MockHandler handler;
    private final ServerConnector connector;
    private @Nullable WireMockServer wireMock;

    private MockOllama(String host, int port) {
        QueuedThreadPool threads = new QueuedThreadPool(16, 2);
        threads.setName("mock-ollama");
        threads.setDaemon(true);
        this.server = new Server(threads);
        this.connector = new ServerConnector(server, 1, 1);
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(Duration.ofMinutes(10).toMillis());
        connector.setAcceptQueueSize(2048);
        server.addConnector(connector);
        this.handler = new MockHandler(this);
        server.setHandler(handler);
        TestServers.start(server);
    }

    /** On a free port of the loopback address. */
    public static MockOllama start() {
        return new MockOllama("127.0.0.1", 0);
    }

    /** On a given address and port. */
    public static MockOllama start(String host, int port) {
        return new MockOllama(host, port);
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + connector.getLocalPort());
    }

    // The script.

    /** What is installed, each with a digest derived from its name. */
    public MockOllama models(String... names) {
        return change(now -> now.withModels(MockScript.models(List.of(names))));
    }

    /** Points an installed model at another digest, of 64 hexadecimal digits. */
    public MockOllama digest(String model, String digest) {
        return change(now -> {
            Map<String, String> models = new java.util.LinkedHashMap<>(now.models());
            models.put(model, digest);
            return now.withModels(models);
        });
    }

    /** The answer, a token each. */
    public MockOllama reply(String... tokens) {
        return change(now -> now.withTokens(List.of(tokens)));
    }

    /** An answer of so many tokens. */
    public MockOllama replyTokens(int count) {
        return change(now -> now.withTokens(Collections.nCopies(count, " word")));
    }

    /** Between frames; none by default. */
    public MockOllama pace(Duration pace) {
        return change(now -> now.withPace(pace));
    }

    /** Before the first frame, as while a model loads; none by default. */
    public MockOllama firstFrameAfter(Duration wait) {
        return change(now -> now.withFirstFrameAfter(wait));
    }

    /** Answers with an HTTP error. */
    public MockOllama failBefore(int status, String text) {
        return fault(new MockScript.Fault(MockScript.Kind.STATUS, 0, status, text));
    }

    /** Puts an error into the stream, as Ollama does under a status of 200. */
    public MockOllama failAfterFrames(int frames, String text) {
        return fault(new MockScript.Fault(MockScript.Kind.ERROR, frames, 200, text));
    }

    /** Ends the stream cleanly, but without its terminator. */
    public MockOllama cutAfterFrames(int frames) {
        return fault(new MockScript.Fault(MockScript.Kind.CUT, frames, 200, ""));
    }

    /** Breaks the connection. */
    public MockOllama resetAfterFrames(int frames) {
        return fault(new MockScript.Fault(MockScript.Kind.RESET, frames, 200, ""));
    }

    /** Sends nothing more. */
    public MockOllama stallAfterFrames(int frames) {
        return fault(new MockScript.Fault(MockScript.Kind.STALL, frames, 200, ""));
    }

    /** Sends a line that is no frame. */
    public MockOllama garbageAfterFrames(int frames, String garbage) {
        return fault(new MockScript.Fault(MockScript.Kind.GARBAGE, frames, 200, garbage));
    }

    private MockOllama fault(MockScript.Fault fault) {
        return change(now -> now.withFault(fault));
    }

    /** Leaves the counts out of the final frame. */
    public MockOllama omitCounts() {
        return change(now -> now.withCounts(true, null, null));
    }

    /** Reports these counts, whatever the truth. */
    public MockOllama counts(long input, long output) {
        return change(now -> now.withCounts(false, input, output));
    }

    /** Whether every route answers 503, discovery's too. */
    public MockOllama unavailable(boolean unavailable) {
        return change(now -> now.withUnavailable(unavailable));
    }

    /** Back to the script it started with, without stubs. */
    public MockOllama reset() {
        synchronized (this) {
            if (wireMock != null) {
                wireMock.resetAll();
            }
        }
        return change(now -> MockScript.initial());
    }

    /** Lets WireMock answer what the stub matches. */
    public synchronized MockOllama stub(MappingBuilder mapping) {
        if (wireMock == null) {
            wireMock = new WireMockServer(
                    WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
            wireMock.start();
        }
        wireMock.stubFor(mapping);
        return this;
    }

    /** Where WireMock listens, or null while nothing is stubbed. */
    synchronized @Nullable URI stubs() {
        return wireMock == null || wireMock.listAllStubMappings().getMappings().isEmpty()
                ? null
                : URI.create("http://127.0.0.1:" + wireMock.port());
    }

    private MockOllama change(UnaryOperator<MockScript> change) {
        script.updateAndGet(change);
        return this;
    }

    MockScript script() {
        return script.get();
    }

    // The record.

    void received(ReceivedRequest request) {
        requests.add(request);
    }

    void generating(MockGeneration generation) {
        generations.add(generation);
    }

    /** Everything that arrived, in order. */
    public List<ReceivedRequest> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** All that arrived but discovery's own questions. */
    public List<ReceivedRequest> inferenceRequests() {
        return requests().stream().filter(request -> !request.discovery()).toList();
    }

    /** All that was generated, in the order it was asked for. */
    public List<Generation> generations() {
        return generations.stream().map(MockGeneration::snapshot).toList();
    }

    /** Answers that are being generated. */
    public int openStreams() {
        return (int) generations.stream()
                .filter(generation -> generation.snapshot().state() == State.RUNNING)
                .count();
    }

    /** Forgets what arrived and was generated. Streams that are open go on, unrecorded. */
    public MockOllama clearRecord() {
        requests.clear();
        generations.clear();
        return this;
    }

    @Override
    public void close() {
        handler.close();
        TestServers.stop(server);
        synchronized (this) {
            if (wireMock != null) {
                wireMock.stop();
            }
        }
    }

    /**
     * A request as it arrived.
     *
     * @param target raw, with the query
     * @param headers by name in lower case; several values with commas between
     */
    public record ReceivedRequest(String method, String target, Map<String, String> headers, String body, Instant at) {

        boolean discovery() {
            return method.equals("GET") && (target.equals("/api/tags") || target.equals("/api/version"));
        }
    }

    /** How far a generation has come. */
    public enum State {
        RUNNING,
        COMPLETED,
        /** The client left. */
        CANCELLED,
        /** As the script said. */
        FAILED
    }

    /**
     * What was generated for one request.
     *
     * @param promptTokens the true count of the input
     * @param generatedTokens the true count of the output so far
     * @param frameNanos when each frame was handed to the socket, by {@link System#nanoTime}
     */
    public record Generation(
            String path, String model, long promptTokens, long generatedTokens, State state, List<Long> frameNanos) {}
}
