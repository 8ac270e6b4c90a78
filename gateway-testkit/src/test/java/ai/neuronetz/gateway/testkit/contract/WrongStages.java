package ai.neuronetz.gateway.testkit.contract;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.access.InstalledModel;
import ai.neuronetz.gateway.access.ModelCatalog;
import ai.neuronetz.gateway.access.ModelLookup;
import ai.neuronetz.gateway.access.VisibleModels;
import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Authentication;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.ModelName;
import ai.neuronetz.gateway.ollama.TokenCount.Stated;
import ai.neuronetz.gateway.upstream.Timeouts;
import ai.neuronetz.gateway.upstream.Upstream;
import ai.neuronetz.gateway.upstream.UpstreamCall;
import ai.neuronetz.gateway.upstream.UpstreamReceiver;
import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** Stages with one mistake each, of the kind that is made. */
final class WrongStages {

    private static final Principal SOMEBODY = principal("acme", "llama3:latest");
    private static final InstalledModel LLAMA = model("llama3:latest");

    private WrongStages() {}

    private static Principal principal(String tenant, String... models) {
        ModelPolicy policy = new ModelPolicy(false, List.of(models));
        return new Principal(tenant, new KeyId("AAAAAAAAAAAA"), policy, Limits.none(), Limits.none(), null, 1);
    }

    private static InstalledModel model(String name) {
        return new InstalledModel(ModelName.parse(name).orElseThrow(), name, "a".repeat(64), false, "{}", 0);
    }

    /** Says in an exception what it could not read. */
    static class ThrowingAuthenticator extends AuthenticatorContract {
        @Override
        protected Authenticator authenticator() {
            return new Authenticator() {
                @Override
                public Authentication authenticate(ClientRequest request) {
                    if (request.headers("x-user").equals(List.of("somebody"))) {
                        return new Authentication.Authenticated(SOMEBODY);
                    }
                    if (request.headers("cookie").isEmpty()) {
                        return new Authentication.Refused(Denial.of(Reason.INVALID_API_KEY));
                    }
                    throw new IllegalArgumentException("cannot read " + request.headers("cookie"));
                }

                @Override
                public Currency check(Principal principal) {
                    return Currency.CURRENT;
                }

                @Override
                public void forget(Principal principal) {}
            };
        }

        @Override
        protected ClientRequest recognised() {
            return new ClientRequest(
                    "GET", "/", Map.of("x-user", List.of("somebody")), InetAddress.getLoopbackAddress());
        }
    }

    /** Tells what is installed to those who may not use it. */
    static class TalkativeAuthorizer extends AuthorizerContract {
        @Override
        protected Authorizer authorizer() {
            List<InstalledModel> installed = List.of(LLAMA, model(forbidden()));
            Authorizer right =
                    Authorizer.catalog(() -> Optional.of(new ModelCatalog.Discovery(installed, "0.33.0")), 4096);
            return new Authorizer() {
                @Override
                public Authorization authorize(Principal principal, Endpoint endpoint, byte[] body) {
                    return right.authorize(principal, endpoint, body);
                }

                @Override
                public VisibleModels visible(Principal principal) {
                    return right.visible(principal);
                }

                @Override
                public ModelLookup find(Principal principal, String model) {
                    ModelLookup answer = right.find(principal, model);
                    boolean missing =
                            installed.stream().noneMatch(each -> each.spelling().equals(model));
                    return missing ? new ModelLookup.Refused(Denial.of(Reason.NOT_FOUND)) : answer;
                }
            };
        }

        @Override
        protected Principal principal() {
            return SOMEBODY;
        }

        @Override
        protected String permitted() {
            return LLAMA.spelling();
        }

        @Override
        protected String forbidden() {
            return "qwen3:8b";
        }
    }

    /** Describes models that it has never seen. */
    static class InventiveCatalog extends ModelCatalogContract {
        @Override
        protected ModelCatalog catalog() {
            return new ModelCatalog() {
                @Override
                public Optional<Discovery> current() {
                    return Optional.of(new Discovery(List.of(LLAMA), "0.33.0"));
                }

                @Override
                public Optional<String> details(InstalledModel model) {
                    return Optional.of("{}");
                }
            };
        }
    }

    /** Looks at what is spent and forgets what is reserved. */
    static class CheckThenChargeMeter extends MeterContract {
        private final Map<String, Long> left = new ConcurrentHashMap<>();

        @Override
        protected Meter meter() {
            return new Meter() {
                @Override
                public Metering reserve(UUID requestId, Principal principal, Grant grant) {
                    String tenant = principal.tenantId();
                    if (grant.inputBound() + grant.outputCap() > left.getOrDefault(tenant, 0L)) {
                        return new Metering.Refused(Denial.of(Reason.BUDGET_EXHAUSTED));
                    }
                    return new Metering.Reserved(reserved(
                            requestId,
                            principal,
                            grant,
                            Map.of(),
                            settlement -> left.merge(tenant, -settlement.charged(), Long::sum)));
                }
            };
        }

        @Override
        protected Principal principal(long budget) {
            Principal principal = WrongStages.principal("t" + UUID.randomUUID());
            left.put(principal.tenantId(), budget);
            return principal;
        }
    }

    private abstract static class WrongUpstream extends UpstreamContract {
        private @Nullable Upstream right;

        @AfterEach
        void stop() {
            right.close();
        }

        @Override
        protected Upstream upstream(URI ollama) {
            Upstream http = Upstream.http(ollama, 64, Timeouts.standard());
            right = http;
            return new Upstream() {
                @Override
                public UpstreamCall send(Reservation reservation, UpstreamReceiver receiver) {
                    return http.send(reservation, new Passed(receiver));
                }

                @Override
                public void close() {
                    http.close();
                }
            };
        }

        void bytes(UpstreamReceiver receiver, ByteBuffer bytes, Runnable demand) {
            receiver.onBytes(bytes, demand);
        }

        void failure(UpstreamReceiver receiver, UpstreamReceiver.Failure failure) {
            receiver.onFailure(failure);
        }

        private final class Passed implements UpstreamReceiver {
            private final UpstreamReceiver receiver;

            private Passed(UpstreamReceiver receiver) {
                this.receiver = receiver;
            }

            @Override
            public void onHead(int status, String contentType) {
                receiver.onHead(status, contentType);
            }

            @Override
            public void onBytes(ByteBuffer bytes, Runnable demand) {
                bytes(receiver, bytes, demand);
            }

            @Override
            public void onEnd() {
                receiver.onEnd();
            }

            @Override
            public void onFailure(Failure failure) {
                failure(receiver, failure);
            }
        }
    }

    /** Reads on, whatever the receiver can take. */
    static class GreedyUpstream extends WrongUpstream {
        @Override
        void bytes(UpstreamReceiver receiver, ByteBuffer bytes, Runnable demand) {
            receiver.onBytes(bytes, () -> {});
            demand.run();
        }
    }

    /** Takes a broken answer for a whole one. */
    static class CredulousUpstream extends WrongUpstream {
        @Override
        void failure(UpstreamReceiver receiver, UpstreamReceiver.Failure failure) {
            if (failure == UpstreamReceiver.Failure.BROKEN) {
                receiver.onEnd();
            } else {
                receiver.onFailure(failure);
            }
        }
    }

    /** Charges what Ollama says, and nothing where it says nothing. */
    static class TrustingAccountant extends AccountantContract {
        @Override
        protected Accountant accountant() {
            return (reservation, seen) -> {
                long output = seen.outputTokens() instanceof Stated stated ? stated.tokens() : 0;
                reservation.settle(new Settlement(
                        seen.outcome(), Basis.REPORTED, null, output, output, seen.upstreamStatus(), null, 1));
            };
        }
    }
}
