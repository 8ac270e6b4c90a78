package ai.neuronetz.gateway;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.accounting.UsageListener;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.CallerIdentification;
import ai.neuronetz.gateway.identity.KeyHash;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.prompts.Redactor;
import ai.neuronetz.gateway.upstream.Upstream;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.function.UnaryOperator;

/**
 * Builds a {@link GatewayPipeline}, each of whose stages can be the gateway's own, the gateway's own with something of the
 * embedder's around it, or the embedder's.
 *
 * <p>What is not set is the gateway's own, over PostgreSQL, Redis and Ollama as the settings say. A function that is given to
 * one of the {@code wrap} methods gets the gateway's own stage and returns what takes its place: it may look at what passes,
 * refuse, or hand on.
 *
 * <p>A stage must be thread-safe. What it throws, {@code Error}s included, and what it leaves out is a denial, or cuts the
 * answer, and is logged with the stage's name; it never lets a request through. What does not fit together is a {@link
 * ConfigurationException} here or in {@link #build}, and leaves nothing open. Not thread-safe; builds once.
 */
public final class GatewayPipelineBuilder {

    final GatewaySettings settings;
    final Part<Authenticator> authenticator = new Part<>("authenticator");
    final Part<Authorizer> authorizer = new Part<>("authorizer");
    final Part<Meter> meter = new Part<>("meter");
    final Part<Upstream> upstream = new Part<>("upstream");
    final Part<Accountant> accountant = new Part<>("accountant");
    final Part<AuditLog> auditLog = new Part<>("auditLog");
    final Part<CallerIdentification> callers = new Part<>("callers");
    final Part<Redactor> redactor = new Part<>("redactor");
    final Part<UsageListener> usageListener = new Part<>("usageListener");
    MeterRegistry registry = new SimpleMeterRegistry();
    KeyHash keyHash = KeyHash.standard();
    UnaryOperator<RateGate> aroundGate = UnaryOperator.identity();
    UnaryOperator<Ledger> aroundLedger = UnaryOperator.identity();
    private boolean built;

    GatewayPipelineBuilder(GatewaySettings settings) {
        this.settings = settings;
    }

    /**
     * Says who is calling. Defaults to API keys in PostgreSQL.
     *
     * <p>For callers whom the host knows already, {@link #callers} is the simpler and safer way: the principal that an
     * authenticator returns must be one of PostgreSQL's, with its current revision, or the ledger admits nothing for it.
     */
    public GatewayPipelineBuilder authenticator(Authenticator authenticator) {
        this.authenticator.replace(authenticator);
        return this;
    }

    public GatewayPipelineBuilder wrapAuthenticator(UnaryOperator<Authenticator> wrapper) {
        authenticator.wrap(wrapper);
        return this;
    }

    /**
     * Takes the host's word for who is calling, in place of API keys: of each request the host says for which key it is, and
     * the gateway holds it to the terms of that key. No pepper is needed then.
     */
    public GatewayPipelineBuilder callers(CallerIdentification identification) {
        callers.replace(identification);
        return this;
    }

    /** Says what a principal may do. Defaults to the principal's models, intersected with what Ollama has installed. */
    public GatewayPipelineBuilder authorizer(Authorizer authorizer) {
        this.authorizer.replace(authorizer);
        return this;
    }

    public GatewayPipelineBuilder wrapAuthorizer(UnaryOperator<Authorizer> wrapper) {
        authorizer.wrap(wrapper);
        return this;
    }

    /** Reserves what a request can use. Defaults to Redis and PostgreSQL together. */
    public GatewayPipelineBuilder meter(Meter meter) {
        this.meter.replace(meter);
        return this;
    }

    /** What the gateway's meter reserved and the one around it does not hand on is given back. */
    public GatewayPipelineBuilder wrapMeter(UnaryOperator<Meter> wrapper) {
        meter.wrap(wrapper);
        return this;
    }

    /** Sends what was reserved; closed with the pipeline, once there is one. Defaults to Ollama over HTTP. */
    public GatewayPipelineBuilder upstream(Upstream upstream) {
        this.upstream.replace(upstream);
        return this;
    }

    /** What is returned is closed with the pipeline, and the gateway's own after it. */
    public GatewayPipelineBuilder wrapUpstream(UnaryOperator<Upstream> wrapper) {
        upstream.wrap(wrapper);
        return this;
    }

    /** Settles what was used. Defaults to Ollama's own counts, and to a bound where there are none. */
    public GatewayPipelineBuilder accountant(Accountant accountant) {
        this.accountant.replace(accountant);
        return this;
    }

    public GatewayPipelineBuilder wrapAccountant(UnaryOperator<Accountant> wrapper) {
        accountant.wrap(wrapper);
        return this;
    }

    /** Writes denials down. Defaults to PostgreSQL. */
    public GatewayPipelineBuilder auditLog(AuditLog auditLog) {
        this.auditLog.replace(auditLog);
        return this;
    }

    public GatewayPipelineBuilder wrapAuditLog(UnaryOperator<AuditLog> wrapper) {
        auditLog.wrap(wrapper);
        return this;
    }

    /** Is told of every settled request. Defaults to nobody. */
    public GatewayPipelineBuilder usageListener(UsageListener listener) {
        usageListener.replace(listener);
        return this;
    }

    /**
     * Goes over prompts and answers of keys that opted in, before they are kept. Defaults to {@link Redactor#patterns}, which an
     * own one replaces; {@link Redactor#andThen} has both.
     */
    public GatewayPipelineBuilder redactor(Redactor redactor) {
        this.redactor.replace(redactor);
        return this;
    }

    /** Where metrics go. Defaults to a registry of its own. */
    public GatewayPipelineBuilder meterRegistry(MeterRegistry registry) {
        this.registry = requireNonNull(registry, "registry");
        return this;
    }

    /** Lets tests, which make a key each, hash them at less cost. Keys hashed otherwise are hashed again when they are used. */
    @Internal
    public GatewayPipelineBuilder keyHash(KeyHash keyHash) {
        this.keyHash = requireNonNull(keyHash, "keyHash");
        return this;
    }

    /** Lets a test stand between the gateway's own meter and its stores. */
    GatewayPipelineBuilder wrapping(UnaryOperator<RateGate> gate, UnaryOperator<Ledger> ledger) {
        this.aroundGate = requireNonNull(gate, "gate");
        this.aroundLedger = requireNonNull(ledger, "ledger");
        return this;
    }

    /**
     * Opens what the stages need and builds the pipeline. Stores and Ollama need not be up: until they are, requests are
     * denied.
     *
     * @throws ConfigurationException if a setting that a stage needs is missing or dangerous, if parts do not fit together,
     *     or if this has built before
     */
    public GatewayPipeline build() {
        if (built) {
            throw new ConfigurationException(
                    "this builder has built; stages belong to one pipeline, so take a new GatewayPipeline.builder");
        }
        built = true;
        return new Assembly(this).pipeline();
    }
}
