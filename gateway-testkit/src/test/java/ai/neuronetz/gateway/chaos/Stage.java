package ai.neuronetz.gateway.chaos;

import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.ApiKey;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.testkit.MockOllama;
import ai.neuronetz.gateway.testkit.TestDatabase;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The processes of one run: gateways in JVMs of their own, PostgreSQL with fsync, a Redis primary and replica, a mock Ollama. */
final class Stage implements AutoCloseable {

    private Stage() {}

    /**
     * How a stage is set up.
     *
     * @param overlay a directory in front of the gateways' class path, such as one with other scripts
     * @param databasePatch run as superuser once the schema is there
     * @param maxConcurrentUpstream of each gateway
     */
    record Options(
            int gateways, @Nullable Path overlay, Consumer<Connection> databasePatch, int maxConcurrentUpstream) {

        static Options of(int gateways) {
            return new Options(gateways, null, connection -> {}, 256);
        }

        Options withOverlay(Path directory) {
            return new Options(gateways, directory, databasePatch, maxConcurrentUpstream);
        }

        Options withDatabasePatch(Consumer<Connection> patch) {
            return new Options(gateways, overlay, patch, maxConcurrentUpstream);
        }

        Options withMaxConcurrentUpstream(int places) {
            return new Options(gateways, overlay, databasePatch, places);
        }
    }

    static Stage start(Options options) {
        throw new UnsupportedOperationException(options.toString());
    }

    int gateways() {
        throw new UnsupportedOperationException();
    }

    /** Base URL of a gateway, the same before and after its restart. */
    URI url(int gateway) {
        throw new UnsupportedOperationException();
    }

    MockOllama ollama() {
        throw new UnsupportedOperationException();
    }

    /** Past all proxies, as superuser. */
    TestDatabase database() {
        throw new UnsupportedOperationException();
    }

    /** One command to the current primary, past all proxies; a list comes one element a line. */
    String redisCommand(String... words) {
        throw new UnsupportedOperationException();
    }

    Administration administration() {
        throw new UnsupportedOperationException();
    }

    /** Makes a tenant with a fresh id: every installed model allowed, nothing limited. */
    String tenant() {
        throw new UnsupportedOperationException();
    }

    /** Makes a key. */
    Key key(String tenantId) {
        throw new UnsupportedOperationException();
    }

    /** Every kind of trouble there is, bound to this stage. */
    List<Fault> faults() {
        throw new UnsupportedOperationException();
    }

    /**
     * Has everything run and every proxy pass again; returns when every gateway is healthy.
     *
     * @throws IllegalStateException if one is not after 60 s, with its last log lines
     */
    void heal() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    /** A key that may be shown. */
    record Key(ApiKey key) {

        KeyId id() {
            return key.id();
        }

        /** The whole key, for an {@code Authorization} header. */
        String secret() {
            return key.reveal();
        }
    }
}
