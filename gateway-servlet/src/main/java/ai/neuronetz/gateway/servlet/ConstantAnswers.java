package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.Reason;
import java.util.Map;
import java.util.UUID;

/** What the filter answers by itself: where the pipeline was not asked, or failed and cannot be asked any more. */
final class ConstantAnswers {

    private ConstantAnswers() {}

    static Answer internalError() {
        return error(Reason.INTERNAL_ERROR).with("Retry-After", "1");
    }

    /** For a message of which it is not certain where it ends; nothing that follows it is read. */
    static Answer badRequest() {
        return error(Reason.BAD_REQUEST).with("Connection", "close");
    }

    /** The answer with the headers that every answer has. */
    static Answer standard(Answer answer) {
        return answer.with(Map.of(
                "Cache-Control", "no-store",
                "X-Content-Type-Options", "nosniff",
                "X-Request-ID", UUID.randomUUID().toString()));
    }

    private static Answer error(Reason reason) {
        return standard(Answer.json(
                reason.status(), "{\"error\":\"" + reason.text() + "\",\"code\":\"" + reason.code() + "\"}"));
    }
}
