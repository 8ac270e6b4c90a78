package ai.neuronetz.gateway.testkit;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A numbered database of a Redis that is there already, taken for a while.
 *
 * <p>Only one that is empty is taken, in one step with a mark in it, and it is emptied at the end only if the mark is still there:
 * what is somebody else's is never deleted. Thread-safe.
 */
final class GivenRedis implements AutoCloseable {

    private static final String MARK = "gateway-testkit";
    private static final String TAKE =
            "if redis.call('DBSIZE') > 0 then return 0 end redis.call('SET', KEYS[1], ARGV[1]) return 1";
    private static final String EMPTY =
            "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end redis.call('FLUSHDB') return 1";

    private final String token = UUID.randomUUID().toString();
    private final RedisCommands commands;
    private final String url;
    private final Thread hook = new Thread(this::empty, "test-redis-return");

    private GivenRedis(RedisCommands server, String base, List<Integer> databases) {
        Integer taken = databases.stream()
                .filter(database ->
                        server.in(database).run("EVAL", TAKE, "1", MARK, token).equals("1"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no empty database at " + server.host() + ":" + server.port() + " among " + databases
                                + ": flush those that are for tests, as a run that was killed leaves its own"));
        this.commands = server.in(taken);
        this.url = base + "/" + taken;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Takes the database that the URL names, or without one the first of 1 to 15 that is empty.
     *
     * @throws IllegalArgumentException if it is no such URL; the message does not quote it
     */
    static GivenRedis take(String url) {
        URI uri = parse(url);
        int port = uri.getPort() < 0 ? 6379 : uri.getPort();
        String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        List<Integer> databases =
                path.isEmpty() ? IntStream.rangeClosed(1, 15).boxed().toList() : List.of(Integer.parseInt(path));
        String login = uri.getRawUserInfo();
        RedisCommands server = new RedisCommands(
                uri.getHost(), port, user(login), password(login), 0, "rediss".equals(uri.getScheme()));
        String base = uri.getScheme() + "://" + (login == null ? "" : login + "@") + uri.getHost() + ":" + port;
        return new GivenRedis(server, base, databases);
    }

    String url() {
        return url;
    }

    RedisCommands commands() {
        return commands;
    }

    /** Removes all keys but the mark. */
    void flush() {
        commands.run(
                "EVAL", EMPTY.replace("return 1", "redis.call('SET', KEYS[1], ARGV[1]) return 1"), "1", MARK, token);
    }

    @Override
    public void close() {
        empty();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and finds nothing left to do.
        }
    }

    private void empty() {
        commands.run("EVAL", EMPTY, "1", MARK, token);
    }

    private static URI parse(String url) {
        try {
            URI uri = new URI(url.strip());
            boolean redis = "redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme());
            boolean login = uri.getRawUserInfo() == null || uri.getRawUserInfo().contains(":");
            boolean database = uri.getPath() == null || uri.getPath().matches("(/\\d{0,4})?");
            if (redis && uri.getHost() != null && login && database) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Its message quotes the URL, and with it the password.
        }
        throw new IllegalArgumentException(
                "not a Redis URL of one server (expected: redis://[[user]:password@]host[:port][/n])");
    }

    private static @Nullable String user(@Nullable String login) {
        return login == null || login.startsWith(":") ? null : decoded(login.substring(0, login.indexOf(':')));
    }

    private static @Nullable String password(@Nullable String login) {
        return login == null ? null : decoded(login.substring(login.indexOf(':') + 1));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
