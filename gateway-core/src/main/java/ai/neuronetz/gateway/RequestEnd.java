package ai.neuronetz.gateway;

import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.ollama.Route;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request, for those who watch and do not decide.
 *
 * @param principal who called, or null if that was not found out
 * @param reservation of an admitted request, settled if the accountant has done so; else null
 * @param status of the answer, as it was begun
 * @param code of the denial or of the error the answer ended with; {@value #NO_ERROR} or {@value #CLIENT_GONE} if there was
 *     none
 * @param took from the arrival of the head to the end of the answer
 */
record RequestEnd(
        UUID requestId,
        @Nullable String traceId,
        Route route,
        @Nullable Principal principal,
        @Nullable Reservation reservation,
        int status,
        String code,
        Duration took) {

    static final String NO_ERROR = "none";
    static final String CLIENT_GONE = "client_gone";
}
