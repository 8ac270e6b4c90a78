package ai.neuronetz.gateway.servlet;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.exchange.ClientExchange;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.function.Consumer;

/**
 * Puts the gateway in front of whatever path it is mounted on.
 *
 * <p>Every request that reaches the filter is the gateway's to answer; nothing is ever passed on down the chain, so there is
 * no way around it. Mount it with async supported, on a context of its own or under a prefix.
 *
 * <p>Requests are decided on the container's threads, which may block for the stages' deadlines; while an answer is streamed no
 * thread is held. The pipeline is the host's to close, after the container has stopped.
 */
public final class GatewayFilter implements Filter {

    /**
     * Request attribute under which a host may put a {@link java.util.concurrent.CompletionStage} that completes when the
     * client has left. The Servlet API has no event for it: without it, a client that leaves is noticed at the next write.
     */
    public static final String CLIENT_GONE = "ai.neuronetz.gateway.clientGone";

    /** Init parameter: what stands between the context path and the gateway's own paths, such as {@code /llm}. */
    public static final String PREFIX = "prefix";

    private final Consumer<ClientExchange> pipeline;
    private final Deadlines deadlines;
    private String prefix = "";

    public GatewayFilter(GatewayPipeline pipeline) {
        this(requireNonNull(pipeline, "pipeline")::serve, new Deadlines());
    }

    GatewayFilter(Consumer<ClientExchange> pipeline, Deadlines deadlines) {
        this.pipeline = pipeline;
        this.deadlines = deadlines;
    }

    /** @throws ServletException if the prefix does not begin with a slash, or ends with one */
    @Override
    public void init(FilterConfig config) throws ServletException {
        String configured = config.getInitParameter(PREFIX);
        if (configured != null && !configured.isEmpty()) {
            if (!configured.startsWith("/") || configured.endsWith("/")) {
                throw new ServletException("prefix: " + configured + " (expected: like /llm)");
            }
            prefix = configured;
        }
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws ServletException {
        if (!(request instanceof HttpServletRequest http) || !(response instanceof HttpServletResponse answer)) {
            throw new ServletException("the gateway speaks HTTP only");
        }
        AsyncContext async = request.startAsync();
        // The gateway has time-outs of its own, each for what it is about.
        async.setTimeout(0);
        ServletExchange exchange =
                new ServletExchange(async, http, answer, ServletRequests.read(http, prefix), deadlines);
        try {
            pipeline.accept(exchange);
        } catch (RuntimeException | Error e) {
            exchange.failed(e);
        }
    }

    /** Stops the filter's own clock; the pipeline is left to the host. */
    @Override
    public void destroy() {
        deadlines.close();
    }
}
