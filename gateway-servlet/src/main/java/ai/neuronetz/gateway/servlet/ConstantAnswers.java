package ai.neuronetz.gateway.servlet;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.Reason;
import java.util.Map;
import java.util.UUID;

/** What is answered when the pipeline itself failed and cannot be asked any more. */
final class ConstantAnswers {

    private static final String INTERNAL_ERROR =
            "{\"error\":\"" + Reason.INTERNAL_ERROR.text() + "\",\"code\":\"" + Reason.INTERNAL_ERROR.code() + "\"}";

    private ConstantAnswers() {}

    static Answer internalError() {
        return Answer.json(Reason.INTERNAL_ERROR.status(), INTERNAL_ERROR)
                .with(Map.of(
                        "Cache-Control", "no-store",
                        "Retry-After", "1",
                        "X-Content-Type-Options", "nosniff",
                        "X-Request-ID", UUID.randomUUID().toString()));
    }
}
