package ai.neuronetz.gateway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.accounting.UsageRecord;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.servlet.AllowedOrigins;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An application whose own security says who is calling, with the gateway as one of its filters. */
@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class HostIdentityAcceptanceTest {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** In place of a session: whom the host takes the caller for. */
    private static final String USER = "X-Test-User";

    private final List<UsageRecord> usage = new CopyOnWriteArrayList<>();
    private final AtomicBoolean refusing = new AtomicBoolean();
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);

    @SuppressWarnings("NullAway.Init")
    private GatewayPipeline pipeline;

    @SuppressWarnings("NullAway.Init")
    private TestGateway.Key key;

    @BeforeEach
    void start(TestGateway gateway) throws Exception {
        key = gateway.tenant()
                .limits(new Limits(null, null, 1L, null, null, null))
                .key();
        pipeline = GatewayPipeline.builder(gateway.settings())
                .callers(request -> request.userPrincipal().map(user -> new KeyId(user.getName())))
                .wrapMeter(RefusingMeter::new)
                .usageListener(usage::add)
                .build();
        ServletContextHandler context = new ServletContextHandler("/");
        Filter security = (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public java.security.Principal getUserPrincipal() {
                        String user = getHeader(USER);
                        return user == null ? null : () -> user;
                    }
                },
                response);
        add(context, security);
        add(
                context,
                GatewayFilter.builder(pipeline)
                        .corsAllowedOrigins(AllowedOrigins.parse("https://chat.example"))
                        .build());
        server.setHandler(context);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> get("/healthz") == 200);
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
        pipeline.close();
    }

    @Test
    void a_caller_the_host_knows_is_served_on_the_terms_of_a_key_until_that_is_revoked() throws Exception {
        assertThat(chat(USER, key.id().value()).statusCode()).isEqualTo(200);

        HttpResponse<String> stranger = chat("Authorization", "Bearer " + key.secret());
        assertThat(stranger.statusCode()).as("the key itself is nothing here").isEqualTo(401);
        assertThat(stranger.body()).contains("caller_unknown");

        key.revoke();
        assertThat(chat(USER, key.id().value()).statusCode()).isEqualTo(401);
    }

    @Test
    void a_page_of_another_origin_may_not_act_for_the_caller_unless_it_is_allowed() throws Exception {
        assertThat(chat(USER, key.id().value(), "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
                        .body())
                .contains("cross_origin_refused");
        assertThat(chat(USER, key.id().value(), "Sec-Fetch-Site", "cross-site", "Origin", "https://chat.example")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void what_is_settled_is_told_and_what_a_wrapper_drops_is_given_back() throws Exception {
        refusing.set(true);
        assertThat(chat(USER, key.id().value()).statusCode()).isEqualTo(429);
        refusing.set(false);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(chat(USER, key.id().value()).statusCode())
                        .as("the one place of this tenant is free again")
                        .isEqualTo(200));

        await().atMost(Duration.ofSeconds(10)).until(() -> !usage.isEmpty());
        assertThat(usage).hasSize(1);
        assertThat(usage.get(0).keyId()).isEqualTo(key.id());
        assertThat(usage.get(0).outcome()).isEqualTo(Settlement.Outcome.COMPLETED);
        assertThat(usage.get(0).charged()).isPositive();
    }

    private int get(String path) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(base().resolve(path)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private HttpResponse<String> chat(String... headers) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(base().resolve("/api/chat"))
                        .headers(headers)
                        .POST(HttpRequest.BodyPublishers.ofString(TestClient.CHAT))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private URI base() {
        return URI.create("http://127.0.0.1:" + connector.getLocalPort());
    }

    private static void add(ServletContextHandler context, Filter filter) {
        FilterHolder holder = new FilterHolder(filter);
        holder.setAsyncSupported(true);
        context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    }

    /** Reserves with ours first, and then thinks better of it. */
    private final class RefusingMeter extends Meter {

        private final Meter ours;

        RefusingMeter(Meter ours) {
            this.ours = ours;
        }

        @Override
        public Metering reserve(UUID requestId, Principal principal, Grant grant) {
            Metering metering = ours.reserve(requestId, principal, grant);
            return refusing.get() ? new Metering.Refused(Denial.of(Reason.RATE_LIMIT_REQUESTS)) : metering;
        }
    }
}
