package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.ollama.Dialect;
import ai.neuronetz.gateway.ollama.DialectErrors;
import ai.neuronetz.gateway.ollama.Route;
import java.util.Map;
import java.util.UUID;

/** What the filter answers by itself: where the pipeline was not asked, or failed and cannot be asked any more. */
final class ConstantAnswers {

    private ConstantAnswers() {}

    /** To a request of which nothing is known. */
    static Answer internalError() {
        return error(Dialect.OLLAMA, Reason.INTERNAL_ERROR).with("Retry-After", "1");
    }

    static Answer internalError(ClientRequest request) {
        return error(dialect(request), Reason.INTERNAL_ERROR).with("Retry-After", "1");
    }

    /** For a message of which it is not certain where it ends; nothing that follows it is read. */
    static Answer badRequest(ClientRequest request) {
        return error(dialect(request), Reason.BAD_REQUEST).with("Connection", "close");
    }

    static Answer methodNotAllowed(ClientRequest request) {
        return error(dialect(request), Reason.METHOD_NOT_ALLOWED);
    }

    /** The answer with the headers that every answer has. */
    static Answer standard(Answer answer) {
        return standard(answer, UUID.randomUUID().toString());
    }

    private static Answer standard(Answer answer, String requestId) {
        return answer.with(Map.of(
                "Cache-Control", "no-store",
                "X-Content-Type-Options", "nosniff",
                "X-Request-ID", requestId));
    }

    private static Answer error(Dialect dialect, Reason reason) {
        String requestId = UUID.randomUUID().toString();
        byte[] body = DialectErrors.body(dialect, reason, null, requestId);
        return standard(Answer.of(reason.status(), "application/json; charset=utf-8", body), requestId);
    }

    private static Dialect dialect(ClientRequest request) {
        return Route.of(request.method(), request.target()).dialect();
    }
}
