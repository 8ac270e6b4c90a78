package ai.neuronetz.gateway.testkit.contract;

import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.AuthFailures;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.KeyStore;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.identity.StoredKey;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.Ledger;
import ai.neuronetz.gateway.metering.RateGate;
import ai.neuronetz.gateway.metering.Settlement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Stores with one mistake each, of the kind that is made. */
final class WrongStores {

    private static final Principal SOMEBODY =
            new Principal("acme", new KeyId("AAAAAAAAAAAA"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 1);

    private WrongStores() {}

    /** Has no place for a denial without a model. */
    static class ForgetfulAuditLog extends AuditLogContract {
        private final AtomicInteger denials = new AtomicInteger();
        private final AtomicInteger refusals = new AtomicInteger();

        @Override
        protected AuditLog auditLog() {
            return new AuditLog() {
                @Override
                public void denied(
                        UUID requestId, Principal principal, String endpoint, @Nullable String model, Reason reason) {
                    if (model != null) {
                        denials.incrementAndGet();
                    }
                }

                @Override
                public void refused(String source, Reason reason) {
                    refusals.incrementAndGet();
                }
            };
        }

        @Override
        protected Principal principal() {
            return SOMEBODY;
        }

        @Override
        protected long denials(Principal principal) {
            return denials.get();
        }

        @Override
        protected long refusals(String source) {
            return refusals.get();
        }

        @Override
        protected Duration patience() {
            return Duration.ofMillis(100);
        }
    }

    /** Keeps what it has found. */
    static class CachingKeyStore extends KeyStoreContract {
        private final KeyStore right = OwnStores.shared().postgres.keyStore();
        private final Map<KeyId, Optional<StoredKey>> found = new ConcurrentHashMap<>();

        @Override
        protected KeyStore keyStore() {
            return new KeyStore() {
                @Override
                public Optional<StoredKey> find(KeyId keyId) {
                    return found.computeIfAbsent(keyId, right::find);
                }

                @Override
                public OptionalLong revision(KeyId keyId) {
                    return right.revision(keyId);
                }

                @Override
                public void rehash(KeyId keyId, String oldPhc, String newPhc) {
                    right.rehash(keyId, oldPhc, newPhc);
                    found.remove(keyId);
                }
            };
        }

        @Override
        protected KeyId newKey() {
            return OwnStores.shared().key().id();
        }

        @Override
        protected void revoke(KeyId key) {
            OwnStores.shared().revoke(key);
        }
    }

    /** Admits under whatever epoch is the latest. */
    static class AgelessLedger extends LedgerContract {
        private final Ledger right = OwnStores.shared().postgres.ledger();
        private final Map<String, Long> latest = new ConcurrentHashMap<>();

        @Override
        protected Ledger ledger() {
            return new Ledger() {
                @Override
                public Entry admit(Admission asked) {
                    long epoch = latest.getOrDefault(asked.principal().tenantId(), asked.epoch());
                    return right.admit(new Admission(
                            asked.requestId(),
                            asked.principal(),
                            epoch,
                            asked.endpoint(),
                            asked.model(),
                            asked.inputBound(),
                            asked.outputCap()));
                }

                @Override
                public void voidAdmission(UUID requestId, String tenantId) {
                    right.voidAdmission(requestId, tenantId);
                }

                @Override
                public List<Fate> resolve(Collection<UUID> requestIds) {
                    return right.resolve(requestIds);
                }

                @Override
                public void settle(UUID requestId, String tenantId, Settlement settlement) {
                    right.settle(requestId, tenantId, settlement);
                }

                @Override
                public Epoch beginEpoch(String tenantId) {
                    Epoch epoch = right.beginEpoch(tenantId);
                    latest.put(tenantId, epoch.number());
                    return epoch;
                }

                @Override
                public boolean accepting() {
                    return right.accepting();
                }
            };
        }

        @Override
        protected Principal principal(long budget) {
            return OwnStores.shared().principal(budget);
        }

        @Override
        protected void revoke(Principal principal) {
            OwnStores.shared().revoke(principal.keyId());
        }
    }

    /** Takes a tenant without state for one without requests. */
    static class OptimisticGate extends RateGateContract {
        private final RateGate right = OwnStores.shared().redis.rateGate();

        @Override
        protected RateGate gate() {
            return new RateGate() {
                @Override
                public GateResult admit(UUID requestId, Principal principal, long tokens) {
                    GateResult result = right.admit(requestId, principal, tokens);
                    if (result instanceof GateResult.Unknown unknown) {
                        right.rebuild(
                                principal.tenantId(),
                                unknown.identity(),
                                new Epoch(1, List.of(), List.of(), List.of()));
                        return right.admit(requestId, principal, tokens);
                    }
                    return result;
                }

                @Override
                public void settle(UUID requestId, String tenantId, long charged) {
                    right.settle(requestId, tenantId, charged);
                }

                @Override
                public void release(UUID requestId, String tenantId) {
                    right.release(requestId, tenantId);
                }

                @Override
                public Collection<String> openTenants() {
                    return right.openTenants();
                }

                @Override
                public Collection<UUID> open(String tenantId, Duration atLeast) {
                    return right.open(tenantId, atLeast);
                }

                @Override
                public void rebuild(String tenantId, String identity, Epoch epoch) {
                    right.rebuild(tenantId, identity, epoch);
                }
            };
        }
    }

    /** Counts all sources together. */
    static class CrowdedFailures extends AuthFailuresContract {
        @Override
        protected AuthFailures failures(int perMinute) {
            AtomicLong count = new AtomicLong();
            return new AuthFailures() {
                @Override
                public Duration barredFor(String source) {
                    return count.get() >= perMinute ? Duration.ofSeconds(60) : Duration.ZERO;
                }

                @Override
                public Duration record(String source) {
                    count.incrementAndGet();
                    return barredFor(source);
                }
            };
        }
    }
}
