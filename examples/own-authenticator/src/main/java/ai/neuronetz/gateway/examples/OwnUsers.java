package ai.neuronetz.gateway.examples;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import jakarta.servlet.DispatcherType;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.security.ConstraintMapping;
import org.eclipse.jetty.ee10.servlet.security.ConstraintSecurityHandler;
import org.eclipse.jetty.security.Constraint;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.security.authentication.BasicAuthenticator;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.security.Credential;

/**
 * The gateway in an application with users of its own, who log in to the container. A key stands for each of them, with its
 * models, limits and budgets; nobody needs to see it.
 */
public final class OwnUsers {

    private OwnUsers() {}

    /** A user, and the key whose terms hold for them. */
    record User(String name, KeyId key, String password) {

        /** {@code name:key id:password} */
        static User parse(String text) {
            String[] parts = text.split(":", 3);
            return new User(parts[0], new KeyId(parts[1]), parts[2]);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    public static void main(String[] args) throws Exception {
        GatewaySettings settings = GatewaySettings.builder()
                .databaseUrl(System.getenv("DATABASE_URL"))
                .redisUrl(System.getenv("REDIS_URL"))
                .ollamaUrl(System.getenv("OLLAMA_URL"))
                .build();
        List<User> users = Arrays.stream(System.getenv("USERS").split(","))
                .map(User::parse)
                .toList();
        start(8080, settings, users).join();
    }

    /** Starts a server; stopping it stops the gateway. */
    static Server start(int port, GatewaySettings settings, List<User> users) throws Exception {
        ServletContextHandler context = new ServletContextHandler("/");
        context.setSecurityHandler(login(users));
        FilterHolder filter = new FilterHolder(GatewayFilter.builder(pipeline(settings, users))
                .closePipelineOnDestroy(Duration.ZERO)
                .build());
        filter.setAsyncSupported(true);
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));

        Server server = new Server(port);
        server.setHandler(context);
        server.start();
        return server;
    }

    private static GatewayPipeline pipeline(GatewaySettings settings, List<User> users) {
        Map<String, KeyId> keys = users.stream().collect(Collectors.toMap(User::name, User::key));
        return GatewayPipeline.builder(settings)
                .callers(request -> request.userPrincipal().map(user -> keys.get(user.getName())))
                .build();
    }

    /** The container's own: HTTP Basic, for everything but the probe. */
    private static ConstraintSecurityHandler login(List<User> users) {
        UserStore store = new UserStore();
        users.forEach(user -> store.addUser(user.name(), Credential.getCredential(user.password()), new String[0]));
        HashLoginService realm = new HashLoginService("users");
        realm.setUserStore(store);
        ConstraintSecurityHandler login = new ConstraintSecurityHandler();
        login.setLoginService(realm);
        login.setAuthenticator(new BasicAuthenticator());
        login.addConstraintMapping(mapping("/*", Constraint.ANY_USER));
        login.addConstraintMapping(mapping("/healthz", Constraint.ALLOWED));
        return login;
    }

    private static ConstraintMapping mapping(String path, Constraint constraint) {
        ConstraintMapping mapping = new ConstraintMapping();
        mapping.setPathSpec(path);
        mapping.setConstraint(constraint);
        return mapping;
    }
}
