package ai.neuronetz.gateway.postgres;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.access.ModelBounds;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.KeyStore;
import ai.neuronetz.gateway.metering.Ledger;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL as one gateway process uses it, under the role {@code gateway_app}.
 *
 * <p>Thread-safe. To be closed after the last exchange has ended: closing waits for settlements that are still to be
 * written.
 */
public final class PostgresStores implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresStores.class);

    private static final Duration DRAIN = Duration.ofSeconds(10);

    private final BoundedCalls calls;
    private final Heartbeat heartbeat;
    private final KeyWatch watch;
    private final PostgresModelBounds modelBounds;
    private final AdmissionLane admissions;
    private final SettlementLane settlements;
    private final PostgresAuditLog auditLog;
    private final PostgresKeyStore keyStore;
    private final PostgresLedger ledger;

    private PostgresStores(DatabaseSettings settings, MeterRegistry registry) {
        Readiness readiness = new Readiness();
        this.calls = new BoundedCalls(settings);
        this.heartbeat = new Heartbeat(settings, readiness, registry);
        this.watch = new KeyWatch(settings, readiness);
        this.modelBounds = new PostgresModelBounds(settings, readiness);
        this.admissions = new AdmissionLane(settings, heartbeat::instance, registry);
        this.settlements = new SettlementLane(settings, registry);
        this.auditLog = new PostgresAuditLog(settings, registry);
        this.keyStore = new PostgresKeyStore(calls, readiness);
        this.ledger = new PostgresLedger(calls, readiness, heartbeat, admissions, settlements);
    }

    /**
     * Connects. A database that is down is no obstacle: until it is back, everything is refused.
     *
     * @throws ConfigurationException if the database answers, but does not let this user in, has no schema or an older one,
     *     or the role could do more than serve
     */
    public static PostgresStores open(DatabaseSettings settings, MeterRegistry registry) {
        PostgresStores stores =
                new PostgresStores(requireNonNull(settings, "settings"), requireNonNull(registry, "registry"));
        try {
            stores.start(settings);
            return stores;
        } catch (RuntimeException e) {
            stores.abandon();
            throw e;
        }
    }

    private void start(DatabaseSettings settings) {
        SQLException failure = null;
        try {
            watch.start();
        } catch (SQLException e) {
            failure = e;
        }
        try {
            modelBounds.start();
        } catch (SQLException e) {
            failure = failure == null ? e : failure;
        }
        try {
            heartbeat.start();
        } catch (SQLException e) {
            failure = failure == null ? e : failure;
        }
        if (failure == null) {
            admissions.start();
            warm();
            return;
        }
        String state = failure.getSQLState();
        // 28: wrong user or password, 3D: no such database. Waiting helps neither.
        if (state != null && (state.startsWith("28") || state.startsWith("3D"))) {
            throw new ConfigurationException(settings + " refuses the connection ("
                    + (state.startsWith("28") ? "user or password" : "no such database")
                    + "); check the database URL, and that 'migrate' has run");
        }
        admissions.start();
        LOG.warn("{} is not available; everything is refused until it is: {}", settings, failure.getMessage());
    }

    /** The first look-up opens a connection, which may take longer than a request waits. */
    private void warm() {
        try {
            keyStore.revision(new KeyId("000000000000"));
        } catch (StoreUnavailableException e) {
            LOG.debug("the first look-up took too long", e);
        }
    }

    public KeyStore keyStore() {
        return keyStore;
    }

    public Ledger ledger() {
        return ledger;
    }

    public AuditLog auditLog() {
        return auditLog;
    }

    /** What was learnt of models, by all gateways over this database. */
    public ModelBounds modelBounds() {
        return modelBounds;
    }

    /** Whether PostgreSQL answered within the last 2 seconds and admissions are possible; from memory. */
    public boolean usable() {
        return watch.fresh() && ledger.accepting();
    }

    /**
     * Has a listener told of each key that changed, or whose tenant did, within a second of the change; after an outage, of
     * the changes made meanwhile.
     *
     * @param listener must not block
     */
    public void onKeyChange(Consumer<KeyChange> listener) {
        watch.listen(requireNonNull(listener, "listener"));
    }

    /** Writes what is still to be settled, for 10 seconds at most, and signs off. */
    @Override
    public void close() {
        admissions.close();
        try {
            if (!settlements.drain(DRAIN)) {
                LOG.warn("PostgreSQL did not take all settlements in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        settlements.close();
        auditLog.close();
        modelBounds.close();
        watch.close();
        heartbeat.close();
        calls.close();
    }

    private void abandon() {
        admissions.close();
        settlements.close();
        auditLog.close();
        modelBounds.close();
        watch.close();
        heartbeat.close();
        calls.close();
    }
}
