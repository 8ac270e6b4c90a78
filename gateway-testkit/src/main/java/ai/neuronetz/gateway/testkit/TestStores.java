package ai.neuronetz.gateway.testkit;

import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which stores a {@link TestGateway} runs on if its builder is not told.
 *
 * <p>{@code GATEWAY_TEST_DATABASE_URL} and {@code GATEWAY_TEST_REDIS_URL} name servers that run already. Otherwise
 * {@code GATEWAY_TEST_STORES} says {@code containers}, which needs Testcontainers and a Docker engine, or {@code embedded}, the
 * default. A system property goes before the variable: {@code gateway.test.database-url} and so on.
 */
final class TestStores {

    enum Kind {
        EMBEDDED,
        GIVEN,
        CONTAINER
    }

    /** @param url of a {@link Kind#GIVEN} one, else empty */
    record Choice(Kind kind, String url) {}

    private final Choice postgres;
    private final Choice redis;

    private TestStores(Choice postgres, Choice redis) {
        this.postgres = postgres;
        this.redis = redis;
    }

    static TestStores chosen() {
        return chosen(System.getProperties()::getProperty, System.getenv()::get);
    }

    /** @throws IllegalArgumentException if {@code GATEWAY_TEST_STORES} is none of its values */
    static TestStores chosen(Lookup properties, Lookup variables) {
        UnaryOperator<String> value = name -> {
            String property = properties.find(name.toLowerCase(Locale.ROOT)
                    .replaceFirst("gateway_test_", "gateway.test.")
                    .replace('_', '-'));
            String variable = property == null ? variables.find(name) : property;
            return variable == null ? "" : variable.strip();
        };
        String stores = value.apply("GATEWAY_TEST_STORES");
        Kind otherwise = switch (stores) {
            case "", "embedded" -> Kind.EMBEDDED;
            case "containers" -> Kind.CONTAINER;
            default ->
                throw new IllegalArgumentException(
                        "GATEWAY_TEST_STORES: " + stores + " (expected: embedded or containers)");
        };
        return new TestStores(
                choice(value.apply("GATEWAY_TEST_DATABASE_URL"), otherwise),
                choice(value.apply("GATEWAY_TEST_REDIS_URL"), otherwise));
    }

    interface Lookup {
        @Nullable
        String find(String name);
    }

    Choice postgresChoice() {
        return postgres;
    }

    Choice redisChoice() {
        return redis;
    }

    TestPostgres postgres() {
        return switch (postgres.kind()) {
            case EMBEDDED -> TestPostgres.shared();
            case GIVEN -> TestPostgres.at(postgres.url());
            case CONTAINER -> {
                requireEngine();
                yield TestPostgres.at(ContainerStores.postgresUrl());
            }
        };
    }

    /** To be closed. */
    TestRedis redis() {
        return switch (redis.kind()) {
            case EMBEDDED -> TestRedis.shared();
            case GIVEN -> TestRedis.at(redis.url());
            case CONTAINER -> {
                requireEngine();
                yield TestRedis.at(ContainerStores.redisUrl());
            }
        };
    }

    private static Choice choice(String url, Kind otherwise) {
        return url.isEmpty() ? new Choice(otherwise, "") : new Choice(Kind.GIVEN, url);
    }

    /** Who asked for containers is not given something else. */
    static void requireEngine() {
        boolean answers;
        try {
            answers = ContainerStores.engineAnswers();
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(
                    "GATEWAY_TEST_STORES=containers needs org.testcontainers:testcontainers on the class path", e);
        }
        if (!answers) {
            throw new IllegalStateException(
                    "GATEWAY_TEST_STORES=containers, but no Docker engine answers: start one, or set"
                            + " it to embedded");
        }
    }
}
