package ai.neuronetz.gateway.postgres;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.access.ModelBounds;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.KeyStore;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.prompts.PromptStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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

    /** From the longest answer to the charge of one that nobody settled. */
    private static final Duration GRACE = Duration.ofMinutes(10);

    private final BoundedCalls calls;
    private final Heartbeat heartbeat;
    private final KeyWatch watch;
    private final PostgresModelBounds modelBounds;
    private final AdmissionLane admissions;
    private final SettlementLane settlements;
    private final PostgresAuditLog auditLog;
    private final PostgresPrompts prompts;
    private final AuditSealer sealer;
    private final PostgresKeyStore keyStore;
    private final PostgresLedger ledger;

    private PostgresStores(
            DatabaseSettings settings,
            SettlementSpool spool,
            long longestAnswer,
            @Nullable SealKey sealKey,
            MeterRegistry registry) {
        Readiness readiness = new Readiness();
        this.calls = new BoundedCalls(settings);
        this.heartbeat = new Heartbeat(settings, readiness, registry);
        this.watch = new KeyWatch(settings, readiness);
        this.modelBounds = new PostgresModelBounds(settings, readiness);
        this.admissions = new AdmissionLane(
                settings,
                new AdmissionStatement(heartbeat::instance, longestAnswer + GRACE.toMillis(), registry),
                registry);
        this.settlements = new SettlementLane(settings, spool, registry);
        this.auditLog = new PostgresAuditLog(settings, registry);
        this.prompts = new PostgresPrompts(settings, readiness);
        this.sealer = new AuditSealer(settings, AuditSealer.EVERY_MILLIS, readiness, sealKey, registry);
        this.keyStore = new PostgresKeyStore(calls, readiness);
        this.ledger = new PostgresLedger(calls, readiness, heartbeat, admissions, settlements);
    }

    /** Connects with what {@link #builder} says if it is told nothing more. */
    public static PostgresStores open(DatabaseSettings settings, MeterRegistry registry) {
        return builder(settings).registry(registry).open();
    }

    /** Collects what is needed; {@link Builder#registry} must be given. */
    public static Builder builder(DatabaseSettings settings) {
        return new Builder(requireNonNull(settings, "settings"));
    }

    private void start(DatabaseSettings settings) {
        SQLException failure = null;
        sealer.start();
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

    /** Where prompts of keys that opted in are kept; what is over its time is taken away every minute. */
    public PromptStore promptStore() {
        return prompts;
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

    /**
     * Has a listener told when this process may have been taken for dead: what it has open is then charged in full and no
     * longer counted as open, so it has to be cut. Told also if PostgreSQL has not heard this process for 13 seconds.
     *
     * @param listener must not block
     */
    public void onFenced(Runnable listener) {
        heartbeat.listen(requireNonNull(listener, "listener"));
    }

    /** Writes what is still to be settled, for 10 seconds at most, keeps what is left on disk, and signs off. */
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
        prompts.close();
        sealer.close();
        modelBounds.close();
        watch.close();
        heartbeat.close();
        calls.close();
    }

    private void abandon() {
        admissions.close();
        settlements.close();
        auditLog.close();
        prompts.close();
        sealer.close();
        modelBounds.close();
        watch.close();
        heartbeat.close();
        calls.close();
    }

    /** Collects what PostgreSQL is used with. */
    public static final class Builder {

        private static final long SPOOL_BYTES = 64L << 20;

        private final DatabaseSettings settings;
        private @Nullable MeterRegistry registry;
        private @Nullable Path spoolDirectory;
        private Duration longestAnswer = Duration.ofHours(5);
        private @Nullable SealKey sealKey;

        private Builder(DatabaseSettings settings) {
            this.settings = settings;
        }

        /** Where calls are counted. */
        public Builder registry(MeterRegistry registry) {
            this.registry = requireNonNull(registry, "registry");
            return this;
        }

        /**
         * Where settlements wait that PostgreSQL does not take, so that they outlive this process; created where it is
         * missing. Processes may share it. Defaults to one for this user and database in the system's temporary directory.
         */
        public Builder spoolDirectory(Path spoolDirectory) {
            this.spoolDirectory = requireNonNull(spoolDirectory, "spoolDirectory");
            return this;
        }

        /** How long an answer can take at most; a reservation that is older is charged in full. Defaults to 5 hours. */
        public Builder longestAnswer(Duration longestAnswer) {
            this.longestAnswer = requireNonNull(longestAnswer, "longestAnswer");
            return this;
        }

        /** Under which seals of the audit log are signed. They are not by default. */
        public Builder sealKey(SealKey sealKey) {
            this.sealKey = requireNonNull(sealKey, "sealKey");
            return this;
        }

        /**
         * Connects. A database that is down is no obstacle: until it is back, everything is refused.
         *
         * @throws ConfigurationException if the database answers, but does not let this user in, has no schema or an older
         *     one, or the role could do more than serve; or if the spool cannot be written
         */
        public PostgresStores open() {
            MeterRegistry meters = requireNonNull(registry, "registry");
            SettlementSpool spool =
                    SettlementSpool.open(SpoolDirectory.of(spoolDirectory, settings), SPOOL_BYTES, meters);
            PostgresStores stores = new PostgresStores(settings, spool, longestAnswer.toMillis(), sealKey, meters);
            try {
                stores.start(settings);
                return stores;
            } catch (RuntimeException e) {
                stores.abandon();
                throw e;
            }
        }
    }
}
