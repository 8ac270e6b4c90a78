package ai.neuronetz.gateway.testkit;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** PostgreSQL and Redis in containers, one of each for the whole JVM. The only class that needs Testcontainers. */
final class ContainerStores {

    private static final String PASSWORD = "gateway-testkit";

    private ContainerStores() {}

    /** Whether there is an engine that would run them. */
    static boolean engineAnswers() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    static String postgresUrl() {
        return Postgres.URL;
    }

    static String redisUrl() {
        return Redis.URL;
    }

    // Not closed: Testcontainers removes them when the JVM has ended.
    @SuppressWarnings("resource")
    private static final class Postgres {
        static final String URL = start();

        private static String start() {
            GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse("postgres:17-alpine"))
                    .withEnv("POSTGRES_PASSWORD", PASSWORD)
                    .withCommand("postgres", "-c", "max_connections=300", "-c", "fsync=off")
                    .withExposedPorts(5432)
                    // Once for the run that initializes it, once for good.
                    .waitingFor(Wait.forLogMessage(".*ready to accept connections.*\\s", 2));
            container.start();
            return "postgresql://postgres:" + PASSWORD + "@" + container.getHost() + ":" + container.getMappedPort(5432)
                    + "/postgres";
        }
    }

    @SuppressWarnings("resource")
    private static final class Redis {
        static final String URL = start();

        private static String start() {
            GenericContainer<?> container =
                    new GenericContainer<>(DockerImageName.parse("redis:7-alpine")).withExposedPorts(6379);
            container.start();
            return "redis://" + container.getHost() + ":" + container.getMappedPort(6379);
        }
    }
}
