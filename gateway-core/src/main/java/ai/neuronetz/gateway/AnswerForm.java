package ai.neuronetz.gateway;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.ollama.Dialect;
import java.util.List;

/**
 * What an answer looks like on the wire, and what Ollama's status means to a client.
 *
 * @param contentType of what the client is sent
 * @param plainToo Ollama may answer with a single object under the plain type, as it does for a few streamed requests
 */
record AnswerForm(String contentType, boolean plainToo) {

    static final int STATUS_OK = 200;

    private static final String JSON = "application/json";

    static AnswerForm of(Grant grant) {
        if (!grant.streamed()) {
            return new AnswerForm(JSON + "; charset=utf-8", true);
        }
        return grant.endpoint().dialect() == Dialect.OLLAMA
                ? new AnswerForm("application/x-ndjson", true)
                : new AnswerForm("text/event-stream", false);
    }

    Answer head(Reservation reservation) {
        Answer head = Answer.of(STATUS_OK).with("Content-Type", contentType).with(reservation.headers());
        List<String> adjusted = reservation.grant().adjusted();
        return adjusted.isEmpty() ? head : head.with("X-Gateway-Adjusted", String.join(", ", adjusted));
    }

    boolean accepts(String upstreamType) {
        return upstreamType.startsWith(contentType) || (plainToo && upstreamType.startsWith(JSON));
    }

    /** Ollama's own texts never reach a client, and its status only by its meaning. */
    static Reason reasonOf(int upstreamStatus) {
        return switch (upstreamStatus) {
            case 400, 413, 422 -> Reason.UPSTREAM_REJECTED;
            // Gone since the last discovery; the same answer as for a model that was never there.
            case 404 -> Reason.MODEL_NOT_PERMITTED;
            case 503 -> Reason.UPSTREAM_BUSY;
            case 504 -> Reason.UPSTREAM_TIMEOUT;
            default -> Reason.UPSTREAM_ERROR;
        };
    }
}
