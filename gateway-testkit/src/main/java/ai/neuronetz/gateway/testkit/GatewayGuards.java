package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.exchange.StoreUnavailableException;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.redis.RedisSettings;
import ai.neuronetz.gateway.redis.RedisStores;
import ai.neuronetz.gateway.testkit.LedgerView.Admission;
import ai.neuronetz.gateway.testkit.TestGateway.Guard;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds what clients, ledger, Redis and Ollama saw of a stretch of time against each other.
 *
 * <p>None of it is asked of the gateway, which may be broken. For one thread at a time.
 */
final class GatewayGuards implements AutoCloseable {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
    private static final int SHOWN = 10;

    private final LedgerView ledger;
    private final String redisUrl;
    private final MockOllama ollama;
    private final Callers callers;
    private final Set<Guard> tolerated;
    private final Duration limit;
    private @Nullable RedisStores redis;
    private Timestamp since;

    GatewayGuards(
            TestDatabase database,
            String redisUrl,
            MockOllama ollama,
            Callers callers,
            Set<Guard> tolerated,
            Duration limit) {
        this.ledger = new LedgerView(database);
        this.redisUrl = redisUrl;
        this.ollama = ollama;
        this.callers = callers;
        this.tolerated = tolerated;
        this.limit = limit;
        this.since = ledger.now();
    }

    /** What was before is no longer looked at. */
    void begin() {
        callers.clear();
        since = ledger.now();
    }

    /** @throws AssertionError that says all that is wrong */
    void verify() {
        List<String> violations = new ArrayList<>(awaitNothingOpen());
        List<Admission> admissions = ledger.admissions(since);
        List<ReceivedRequest> received = ollama.requests();
        if (guards(Guard.UPSTREAM_REQUESTS)) {
            violations.addAll(new UpstreamGuard(admissions, callers.calls()).unexpected(received));
        }
        if (guards(Guard.CLIENT_HEADERS)) {
            violations.addAll(UpstreamGuard.clientHeaders(received, callers));
        }
        if (guards(Guard.CALLERS)) {
            violations.addAll(callersWithoutRight(admissions));
        }
        if (guards(Guard.CHARGES)) {
            violations.addAll(undercharged(admissions));
        }
        if (!violations.isEmpty()) {
            String more = violations.size() > SHOWN ? "\n - and " + (violations.size() - SHOWN) + " more" : "";
            throw new AssertionError(violations.stream()
                    .limit(SHOWN)
                    .map(violation -> "\n - " + violation)
                    .collect(Collectors.joining("", "The gateway did not keep its guarantees:", more)));
        }
    }

    private boolean guards(Guard guard) {
        return !tolerated.contains(guard);
    }

    private List<String> awaitNothingOpen() {
        if (!guards(Guard.OPEN_RESERVATIONS)) {
            return List.of();
        }
        long deadline = System.nanoTime() + limit.toNanos();
        List<String> open = open();
        while (!open.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            open = open();
        }
        return open;
    }

    private List<String> open() {
        List<String> open = new ArrayList<>();
        for (Generation generation : ollama.generations()) {
            if (generation.state() == Generation.State.RUNNING) {
                open.add(
                        "a stream is still open at Ollama " + limit.toMillis() + " ms after the test: POST "
                                + generation.request().path() + ", model " + generation.model() + ", "
                                + generation.framesSent()
                                + " frames sent; the test has to end it, or the gateway has to cancel it when its client leaves");
            }
        }
        List<Admission> admissions = ledger.admissions(since);
        for (Admission admission : admissions) {
            if (admission.open()) {
                open.add("the reservation is still open " + limit.toMillis() + " ms after the test: " + admission
                        + ". The ledger admitted it and nothing settled it; look at the Meter, which has to hand every"
                        + " settlement on, and for a stream that the test did not end");
            }
        }
        if (open.isEmpty() && !admissions.isEmpty()) {
            open.addAll(heldPlaces(admissions));
        }
        return open;
    }

    private List<String> heldPlaces(List<Admission> admissions) {
        Map<UUID, Admission> byId = new HashMap<>();
        admissions.forEach(admission -> byId.put(admission.requestId(), admission));
        Set<String> tenants = admissions.stream().map(Admission::tenantId).collect(Collectors.toSet());
        List<String> held = new ArrayList<>();
        try {
            RateGate gate = redis().rateGate();
            for (String tenant : tenants) {
                for (UUID id : gate.open(tenant, Duration.ZERO)) {
                    Admission admission = byId.get(id);
                    held.add(
                            "Redis still holds the place of " + (admission == null ? "request " + id : admission)
                                    + ", which the ledger has settled: look at what the Meter does when a reservation is settled");
                }
            }
        } catch (StoreUnavailableException e) {
            held.add("whether Redis still holds a place could not be checked, since it does not answer ("
                    + e.getMessage()
                    + "); a test that stops it has to start it again, or to tolerate OPEN_RESERVATIONS");
        }
        return held;
    }

    private RedisStores redis() {
        RedisStores stores = redis;
        if (stores == null) {
            stores = RedisStores.open(RedisSettings.parse(redisUrl), new SimpleMeterRegistry());
            redis = stores;
        }
        return stores;
    }

    private List<String> callersWithoutRight(List<Admission> admissions) {
        Map<UUID, Admission> byId = new HashMap<>();
        admissions.forEach(admission -> byId.put(admission.requestId(), admission));
        List<String> wrong = new ArrayList<>();
        for (Callers.Call call : callers.calls()) {
            boolean served = call.status() < 300
                    && call.method().equals("POST")
                    && Route.of(call.path()).isPresent();
            Admission admission = call.requestId() == null ? null : byId.get(call.requestId());
            if (admission == null && served) {
                wrong.add("a client was answered POST " + call.path() + " with " + call.status() + " as request "
                        + call.requestId() + ", which the ledger did not admit: look at the Meter, whether it reserves"
                        + " before it says yes");
            } else if (admission != null && call.keyId() == null) {
                wrong.add("a client without a key was served on the account of another's: " + admission
                        + "; look at the Authenticator");
            } else if (admission != null && !String.valueOf(call.keyId()).equals(admission.keyId())) {
                wrong.add("a client with the key " + call.keyId() + " was served on the account of another's: "
                        + admission + "; look at the Authenticator");
            } else if (admission != null && !call.genuine()) {
                wrong.add("a client with a wrong secret was served: " + admission + "; look at the Authenticator");
            }
        }
        return wrong;
    }

    private List<String> undercharged(List<Admission> admissions) {
        Map<UUID, Generation> generations = new HashMap<>();
        for (Generation generation : ollama.generations()) {
            UUID id = UpstreamGuard.requestId(generation.request());
            if (id != null) {
                generations.put(id, generation);
            }
        }
        List<String> wrong = new ArrayList<>();
        for (Admission admission : admissions) {
            Generation generation = generations.get(admission.requestId());
            if (generation == null) {
                continue;
            }
            boolean free = generation.state() == Generation.State.COMPLETED
                    && generation.generatedTokens() > 0
                    && admission.basis() != null
                    && admission.charged() == 0;
            if (free) {
                wrong.add(admission + " was settled at 0 tokens (" + admission.basis() + "), though Ollama generated "
                        + generation.generatedTokens() + " of "
                        + (generation.promptTokens() + generation.generatedTokens())
                        + ": look at the Accountant");
            }
        }
        return wrong;
    }

    @Override
    public void close() {
        if (redis != null) {
            redis.close();
        }
    }
}
