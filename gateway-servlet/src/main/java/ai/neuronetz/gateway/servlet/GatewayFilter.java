package ai.neuronetz.gateway.servlet;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientExchange;
import ai.neuronetz.gateway.exchange.ClientRequest;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts a pipeline into a servlet container. Every request that reaches the filter is the gateway's, and none goes further
 * down the chain: map it to the paths that shall be the gateway's.
 *
 * <p>Map it with {@code async-supported} and for the dispatcher types REQUEST and ASYNC; the latter is how a broken answer
 * is made to look broken where the container has no other way. No thread is held while a body arrives or an answer is
 * streamed. Whatever goes wrong here is answered 503 and never let through.
 *
 * <p>Whom a filter or the container before it has authenticated, {@link HttpServletRequest#getUserPrincipal}, is told to the
 * pipeline, for those that go by the host's word; see {@link ai.neuronetz.gateway.identity.CallerIdentification}.
 *
 * <p>A host that notices clients leaving can say so with the request attribute {@value #CLIENT_GONE}. The filter is
 * thread-safe. The pipeline belongs to whoever built it, unless {@link Builder#closePipelineOnDestroy} hands it over.
 */
public final class GatewayFilter implements Filter {

    /** Request attribute under which a host may put a {@code CompletionStage} that completes when the client has left. */
    public static final String CLIENT_GONE = "ai.neuronetz.gateway.clientGone";

    /** Init parameter that takes the place of {@link Builder#prefix(String)}. */
    public static final String PREFIX = "prefix";

    private final Consumer<ClientExchange> pipeline;
    private final @Nullable Executor admissionExecutor;
    private final Duration bodyTimeout;
    private final Duration writeTimeout;
    private final CrossOrigin crossOrigin;
    private final Playground playground;
    private final Deadlines deadlines;
    private final Runnable onDestroy;
    private volatile RequestTarget requestTarget;
    private volatile @Nullable ServletContext servletContext;

    /** A filter with the defaults of {@link Builder}. */
    public GatewayFilter(GatewayPipeline pipeline) {
        this(builder(pipeline));
    }

    private GatewayFilter(Builder builder) {
        pipeline = builder.pipeline;
        admissionExecutor = builder.admissionExecutor;
        bodyTimeout = builder.bodyTimeout;
        writeTimeout = builder.writeTimeout;
        crossOrigin = new CrossOrigin(builder.corsAllowedOrigins);
        playground = builder.playground;
        requestTarget = new RequestTarget(builder.prefix);
        onDestroy = builder.onDestroy;
        deadlines = new Deadlines(bodyTimeout.compareTo(writeTimeout) < 0 ? bodyTimeout : writeTimeout);
    }

    public static Builder builder(GatewayPipeline pipeline) {
        return new Builder(requireNonNull(pipeline, "pipeline")::serve, pipeline);
    }

    /** For tests of the filter alone. */
    static Builder builder(Consumer<ClientExchange> pipeline) {
        return new Builder(pipeline, null);
    }

    /**
     * Takes over the init parameter {@value #PREFIX}, if there is one.
     *
     * @throws IllegalArgumentException if the context path or the prefix is one below which nothing could be served
     */
    @Override
    public void init(FilterConfig config) {
        servletContext = config.getServletContext();
        String prefix = config.getInitParameter(PREFIX);
        if (prefix != null) {
            requestTarget = new RequestTarget(prefix);
        }
        RequestTarget.requireServable(config.getServletContext().getContextPath());
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest httpRequest)
                || !(response instanceof HttpServletResponse httpResponse)) {
            throw new ServletException("The gateway speaks HTTP only; map its filter to HTTP requests.");
        }
        if (request.getAttribute(CutRequest.CUT) != null) {
            // The second pass of an answer that is to end broken. A container closes the connection on an exception
            // after the head was sent; see ResponseStream.cut.
            throw new IOException("The answer was cut on purpose.");
        }
        ServletExchange exchange;
        Consumer<ClientExchange> answering;
        try {
            requireAsync(httpRequest);
            ClientRequest clientRequest = crossOrigin.marked(requestTarget.clientRequest(httpRequest));
            answering = answering(httpRequest, clientRequest);
            exchange = open(clientRequest, httpRequest, httpResponse);
        } catch (RuntimeException | Error failure) {
            FailureLog.log(failure);
            answerNow(httpResponse, ConstantAnswers.internalError());
            return;
        }
        exchange.begin(answering);
    }

    /**
     * Drains and closes the pipeline, if it was handed over, and stops the filter's timer: answers that are still running
     * then lose their time limits, nothing else.
     */
    @Override
    public void destroy() {
        try {
            onDestroy.run();
        } finally {
            deadlines.close();
            ApplicationDriver.deregister(servletContext);
        }
    }

    /** The pipeline, but for messages that are ambiguous, and for preflights and the playground, which have no key. */
    private Consumer<ClientExchange> answering(HttpServletRequest request, ClientRequest clientRequest) {
        if (!MessageHead.isUnambiguous(request)) {
            return exchange -> exchange.answer(ConstantAnswers.badRequest(clientRequest));
        }
        return crossOrigin
                .preflight(clientRequest)
                .or(() -> playground.answer(clientRequest))
                .<Consumer<ClientExchange>>map(answer -> exchange -> exchange.answer(answer))
                .orElse(pipeline);
    }

    /** Asked at each request, because the Servlet API does not tell earlier how filters are mapped. */
    private static void requireAsync(HttpServletRequest request) {
        if (!request.isAsyncSupported()) {
            throw new HostFault("map the gateway's filter with async-supported, and every filter and servlet that its"
                    + " requests pass, too.");
        }
        if (request.isAsyncStarted()) {
            throw new HostFault("a filter before the gateway's has called startAsync and then went on; have it dispatch"
                    + " instead, or keep the gateway's paths out of it.");
        }
    }

    private ServletExchange open(
            ClientRequest clientRequest, HttpServletRequest request, HttpServletResponse response) {
        AsyncContext async = request.startAsync(new CutRequest(request), new CutResponse(request, response));
        // The gateway has its own time limits, which tell a slow model from a slow reader.
        async.setTimeout(0);
        return new ServletExchange(
                clientRequest,
                request,
                response,
                async,
                deadlines,
                admissionExecutor,
                crossOrigin.headers(clientRequest),
                bodyTimeout.toNanos(),
                writeTimeout.toNanos());
    }

    private static void answerNow(HttpServletResponse response, Answer answer) throws IOException {
        if (response.isCommitted()) {
            throw new IOException("The answer could not be given, because another part of the host had begun one.");
        }
        response.reset();
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        response.setHeader("Connection", "close");
        response.setContentLength(answer.body().length);
        response.getOutputStream().write(answer.body());
        // Whoever has called startAsync may take its time to complete.
        response.flushBuffer();
    }

    /** Builds a {@link GatewayFilter}. Not thread-safe. */
    public static final class Builder {

        private final Consumer<ClientExchange> pipeline;
        private final @Nullable GatewayPipeline closeable;
        private Runnable onDestroy = () -> {};
        private String prefix = "";
        private Duration bodyTimeout = Duration.ofSeconds(30);
        private Duration writeTimeout = Duration.ofSeconds(30);
        private AllowedOrigins corsAllowedOrigins = AllowedOrigins.NONE;
        private Playground playground = Playground.NONE;
        private @Nullable Executor admissionExecutor;

        private Builder(Consumer<ClientExchange> pipeline, @Nullable GatewayPipeline closeable) {
            this.pipeline = pipeline;
            this.closeable = closeable;
        }

        /**
         * Where the gateway's paths begin, below the context path: {@code /llm} makes {@code /llm/api/chat} the gateway's
         * {@code /api/chat}. Empty by default. Anything outside is answered as an unknown path.
         */
        public Builder prefix(String prefix) {
            this.prefix = requireNonNull(prefix, "prefix");
            return this;
        }

        /** How long a request's body may take to arrive, from its first byte to its last. 30 s by default. */
        public Builder bodyTimeout(Duration bodyTimeout) {
            this.bodyTimeout = requirePositive("bodyTimeout", bodyTimeout);
            return this;
        }

        /** How long a client may leave one write unread before it counts as gone. 30 s by default. */
        public Builder writeTimeout(Duration writeTimeout) {
            this.writeTimeout = requirePositive("writeTimeout", writeTimeout);
            return this;
        }

        /** Whose pages may call the gateway from a browser, with a key of their user's. None by default. */
        public Builder corsAllowedOrigins(AllowedOrigins corsAllowedOrigins) {
            this.corsAllowedOrigins = requireNonNull(corsAllowedOrigins, "corsAllowedOrigins");
            return this;
        }

        /** The page on which people can try the gateway with their keys. None by default. */
        public Builder playground(Playground playground) {
            this.playground = requireNonNull(playground, "playground");
            return this;
        }

        /**
         * Runs the deciding stages, which wait for stores, up to a second in all. The container's own threads by default.
         * If it rejects, the request is denied.
         */
        public Builder admissionExecutor(Executor admissionExecutor) {
            this.admissionExecutor = requireNonNull(admissionExecutor, "admissionExecutor");
            return this;
        }

        /**
         * Hands the pipeline over to the filter, which closes it when the host destroys the filter: open answers may go on
         * for so long, then they are cut with an error frame and settled. Not for a pipeline that several filters share.
         *
         * <p>Enough where a host destroys filters before it closes connections: an application is undeployed, or Tomcat
         * stops. Jetty's server closes connections first; see {@link GatewayPipeline#drain} for what to call before that.
         *
         * @param grace may be zero
         */
        public Builder closePipelineOnDestroy(Duration grace) {
            if (grace.isNegative()) {
                throw new IllegalArgumentException("grace: " + grace + " (expected: >= 0)");
            }
            GatewayPipeline owned = requireNonNull(closeable, "pipeline");
            onDestroy = () -> {
                owned.drain(grace);
                owned.close();
            };
            return this;
        }

        public GatewayFilter build() {
            return new GatewayFilter(this);
        }

        private static Duration requirePositive(String name, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
            }
            return value;
        }
    }
}
