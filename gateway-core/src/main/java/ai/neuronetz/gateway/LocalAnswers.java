package ai.neuronetz.gateway;

import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.Listings;
import ai.neuronetz.gateway.access.ModelLookup;
import ai.neuronetz.gateway.access.VisibleModels;
import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.ollama.Route;
import ai.neuronetz.gateway.ollama.ShowRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;

/** What the gateway tells an authenticated caller by itself, from the last discovery. Asks no store and not Ollama. */
final class LocalAnswers {

    private static final String JSON = "application/json; charset=utf-8";

    /** Clients look at the status only: it says that a server is there. */
    private static final byte[] BANNER = "neuronetz-gateway is running\n".getBytes(StandardCharsets.UTF_8);

    private final Authorizer authorizer;

    /** An answer, or why there is none. */
    sealed interface Reply {

        record Given(Answer answer) implements Reply {}

        record Denied(Denial denial) implements Reply {}
    }

    LocalAnswers(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /** To a request whose route decides everything. */
    Reply to(Principal principal, Route route) {
        if (route instanceof Route.Known known) {
            return switch (known.endpoint()) {
                case ROOT -> new Reply.Given(Answer.of(200, "text/plain; charset=utf-8", BANNER));
                case TAGS -> listing(principal, Listings::tags);
                case MODELS -> listing(principal, Listings::models);
                case VERSION -> listing(principal, Listings::version);
                default -> throw new IllegalArgumentException(known.endpoint() + " is no listing");
            };
        }
        if (route instanceof Route.OneModel one) {
            ModelLookup lookup = authorizer.find(principal, one.model());
            return lookup instanceof ModelLookup.Found found
                    ? json(Listings.model(found))
                    : new Reply.Denied(((ModelLookup.Refused) lookup).denial());
        }
        if (route instanceof Route.WrongMethod wrong) {
            return new Reply.Denied(Denial.of(Reason.METHOD_NOT_ALLOWED).with(Map.of("Allow", wrong.allowed())));
        }
        return new Reply.Denied(Denial.of(route instanceof Route.Blocked ? Reason.ENDPOINT_BLOCKED : Reason.NOT_FOUND));
    }

    /** To {@code POST /api/show}. */
    Reply show(Principal principal, byte[] body) {
        ShowRequest.Reading reading = ShowRequest.read(body);
        if (!(reading instanceof ShowRequest.Read request)) {
            return new Reply.Denied(((ShowRequest.Refused) reading).denial());
        }
        ModelLookup lookup = authorizer.find(principal, request.model());
        if (!(lookup instanceof ModelLookup.Found found)) {
            return new Reply.Denied(((ModelLookup.Refused) lookup).denial());
        }
        if (found.details().isEmpty()) {
            return new Reply.Denied(Denial.of(Reason.MODEL_DETAILS_UNKNOWN));
        }
        Answer answer = Answer.of(200, JSON, found.details().get().getBytes(StandardCharsets.UTF_8));
        return new Reply.Given(
                request.adjusted().isEmpty()
                        ? answer
                        : answer.with("X-Gateway-Adjusted", String.join(", ", request.adjusted())));
    }

    private Reply listing(Principal principal, Function<VisibleModels.Known, byte[]> written) {
        return authorizer.visible(principal) instanceof VisibleModels.Known known
                ? json(written.apply(known))
                : new Reply.Denied(Denial.of(Reason.MODELS_UNVERIFIABLE));
    }

    private static Reply json(byte[] body) {
        return new Reply.Given(Answer.of(200, JSON, body));
    }
}
