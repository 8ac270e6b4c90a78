package ai.neuronetz.gateway.metering;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meter of the gateway: a place in the {@link RateGate}, then one at the model server, then a durable reservation in the
 * {@link Ledger}; whatever was taken is given back on every other way out.
 *
 * <p>A limit of 0 requests, tokens or concurrency switches a key off, and is answered like a request that could never fit:
 * 400, because a 429 would have clients try again for ever.
 *
 * <p>Thread-safe. {@link #reserve} waits for stores and a place, no longer than a second in all. To be closed.
 */
@Internal
public final class LedgerMeter extends Meter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerMeter.class);

    private static final Duration REBUILD_WAIT = Duration.ofMillis(500);

    final RateGate gate;
    final Ledger ledger;
    final UpstreamSlots slots;
    final GateRebuilds rebuilds;
    final OpenRequests open = new OpenRequests();
    private final GateReturns returns;
    private final Reconciler reconciler;
    final MeterCounters counters;

    private LedgerMeter(RateGate gate, Ledger ledger, MeterRegistry registry, UpstreamSlots slots) {
        this.gate = gate;
        this.ledger = ledger;
        this.slots = slots;
        this.counters = new MeterCounters(registry);
        this.rebuilds = new GateRebuilds(gate, ledger, REBUILD_WAIT, counters);
        this.returns = new GateReturns(gate, open, counters);
        this.reconciler = new Reconciler(gate, ledger, counters);
        reconciler.start();
        Gauge.builder("gateway.upstream.places.free", slots, UpstreamSlots::free)
                .description("Places at the model server that are not taken")
                .register(registry);
        Gauge.builder("gateway.gate.returns.pending", returns, GateReturns::pending)
                .description("Places that the gate has still to take back")
                .register(registry);
    }

    /** Builds a meter over a gate and a ledger. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Metering reserve(UUID requestId, Principal principal, Grant grant) {
        Metering metering;
        try (HeldPlaces held = new HeldPlaces(requestId, principal.tenantId(), ledger, returns)) {
            metering = new Decision(this, requestId, principal, grant, held).make();
        } catch (RuntimeException e) {
            LOG.error("request {} could not be metered and was denied", requestId, e);
            metering = new Metering.Refused(Denial.of(Reason.INTERNAL_ERROR));
        }
        count(metering);
        return metering;
    }

    /** Delivers what the gate has still to take back, for up to two seconds. */
    @Override
    public void close() {
        reconciler.close();
        returns.close();
    }

    private void count(Metering metering) {
        if (metering instanceof Metering.Refused refused) {
            counters.refused(refused.denial().reason());
        } else if (metering instanceof Metering.Outdated) {
            counters.outdated();
        } else {
            counters.reserved();
        }
    }

    void settled(UUID requestId, String tenantId, UpstreamSlots.Slot slot, Settlement settlement) {
        slot.release();
        try {
            ledger.settle(requestId, tenantId, settlement);
        } catch (RuntimeException e) {
            LOG.error("the ledger did not take the settlement of request {}; it will charge its bound", requestId, e);
        }
        returns.submit(requestId, tenantId, settlement.charged());
    }

    /** Collects what a meter needs: {@link #gate}, {@link #ledger} and {@link #registry} must be given. */
    public static final class Builder {

        private @Nullable RateGate gate;
        private @Nullable Ledger ledger;
        private @Nullable MeterRegistry registry;
        private int maxConcurrentUpstream = 64;
        private int maxWaiting = 64;
        private Duration upstreamWait = Duration.ofMillis(100);

        private Builder() {}

        /** Where requests and tokens per minute and open requests are counted. */
        public Builder gate(RateGate gate) {
            this.gate = requireNonNull(gate, "gate");
            return this;
        }

        /** Where reservations are recorded. */
        public Builder ledger(Ledger ledger) {
            this.ledger = requireNonNull(ledger, "ledger");
            return this;
        }

        /** Where decisions are counted. */
        public Builder registry(MeterRegistry registry) {
            this.registry = requireNonNull(registry, "registry");
            return this;
        }

        /** Requests open at the model server at once, over all tenants of this process; default 64, at least 1. */
        public Builder maxConcurrentUpstream(int maxConcurrentUpstream) {
            this.maxConcurrentUpstream = requireAtLeast("maxConcurrentUpstream", maxConcurrentUpstream, 1);
            return this;
        }

        /** Requests that may wait for a place at the model server; default 64, at least 0. */
        public Builder maxWaiting(int maxWaiting) {
            this.maxWaiting = requireAtLeast("maxWaiting", maxWaiting, 0);
            return this;
        }

        /** How long each may wait; default 100 ms, from 0 to 500 ms. */
        public Builder upstreamWait(Duration upstreamWait) {
            if (upstreamWait.isNegative() || upstreamWait.compareTo(Duration.ofMillis(500)) > 0) {
                throw new IllegalArgumentException("upstreamWait: " + upstreamWait + " (expected: 0 to 500 ms)");
            }
            this.upstreamWait = upstreamWait;
            return this;
        }

        /**
         * Builds the meter.
         *
         * @throws NullPointerException naming what is missing
         */
        public LedgerMeter build() {
            return new LedgerMeter(
                    requireNonNull(gate, "gate"),
                    requireNonNull(ledger, "ledger"),
                    requireNonNull(registry, "registry"),
                    new UpstreamSlots(maxConcurrentUpstream, maxWaiting, upstreamWait));
        }

        private static int requireAtLeast(String name, int value, int least) {
            if (value < least) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
            }
            return value;
        }
    }
}
