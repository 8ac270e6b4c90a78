package ai.neuronetz.gateway;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.access.ModelLookup;
import ai.neuronetz.gateway.access.VisibleModels;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Authentication;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.Endpoint;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The deciding stages, each of which may be an embedder's: an answer that is missing, or that is about another request, is
 * a {@link StageFailure}, like everything they throw.
 */
final class CheckedStages {

    private CheckedStages() {}

    record Identity(Authenticator stage) implements Authenticator {

        @Override
        public Authentication authenticate(ClientRequest request) {
            return ask(() -> stage.authenticate(request));
        }

        @Override
        public Currency check(Principal principal) {
            return ask(() -> stage.check(principal));
        }

        @Override
        public void forget(Principal principal) {
            ask(() -> {
                stage.forget(principal);
                return principal;
            });
        }

        private <T> T ask(Supplier<? extends @Nullable T> question) {
            return StageFailure.orAnswer("authenticator", stage, question);
        }
    }

    record Access(Authorizer stage) implements Authorizer {

        @Override
        public Authorization authorize(Principal principal, Endpoint endpoint, byte[] body) {
            Authorization answer = ask(() -> stage.authorize(principal, endpoint, body));
            if (answer instanceof Authorization.Granted granted
                    && granted.grant().endpoint() != endpoint) {
                throw new StageFailure("authorizer", stage, "granted another endpoint than the one called", null);
            }
            return answer;
        }

        @Override
        public VisibleModels visible(Principal principal) {
            return ask(() -> stage.visible(principal));
        }

        @Override
        public ModelLookup find(Principal principal, String model) {
            return ask(() -> stage.find(principal, model));
        }

        private <T> T ask(Supplier<? extends @Nullable T> question) {
            return StageFailure.orAnswer("authorizer", stage, question);
        }
    }

    static final class Metered extends Meter {

        private final Meter stage;

        Metered(Meter stage) {
            this.stage = stage;
        }

        @Override
        public Metering reserve(UUID requestId, Principal principal, Grant grant) {
            Metering answer = StageFailure.orAnswer("meter", stage, () -> stage.reserve(requestId, principal, grant));
            if (answer instanceof Metering.Reserved reserved) {
                requireOf(reserved.reservation(), requestId, principal);
            }
            return answer;
        }

        /** One reservation pays for one request of one caller. */
        private void requireOf(Reservation reservation, UUID requestId, Principal principal) {
            if (!reservation.requestId().equals(requestId)) {
                // Not settled here: it is another request's, which may be running.
                throw new StageFailure("meter", stage, "reserved for another request", null);
            }
            if (!reservation.principal().equals(principal)) {
                reservation.settle(Settlement.notForwarded(0));
                throw new StageFailure("meter", stage, "reserved for another principal", null);
            }
        }
    }

    record Audit(AuditLog stage) implements AuditLog {

        @Override
        public void denied(
                UUID requestId, Principal principal, String endpoint, @Nullable String model, Reason reason) {
            ask(() -> stage.denied(requestId, principal, endpoint, model, reason));
        }

        @Override
        public void refused(String source, Reason reason) {
            ask(() -> stage.refused(source, reason));
        }

        private void ask(Runnable writing) {
            StageFailure.orAnswer("audit log", stage, () -> {
                writing.run();
                return stage;
            });
        }
    }
}
