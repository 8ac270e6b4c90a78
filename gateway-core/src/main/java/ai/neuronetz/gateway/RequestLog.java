package ai.neuronetz.gateway;

import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import java.util.Locale;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line for each request, at INFO, under the logger {@value #NAME}, which can be switched off by itself.
 *
 * <p>Its values are numbers, ids and constants of the code. What a client wrote is never among them: no prompt, no model,
 * and of the path only what is in the constant table.
 */
final class RequestLog implements Consumer<RequestEnd> {

    static final String NAME = "ai.neuronetz.gateway.requests";

    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    @Override
    public void accept(RequestEnd end) {
        if (LOG.isInfoEnabled()) {
            LogIds.during(end.requestId(), end.traceId(), () -> line(end).log("request"));
        }
    }

    private static LoggingEventBuilder line(RequestEnd end) {
        LoggingEventBuilder line = LOG.atInfo()
                .addKeyValue("endpoint", end.route().name())
                .addKeyValue("status", end.status())
                .addKeyValue("code", end.code())
                .addKeyValue("duration_ms", end.took().toMillis());
        Principal principal = end.principal();
        if (principal != null) {
            line = line.addKeyValue("tenant", principal.tenantId())
                    .addKeyValue("key_id", principal.keyId().toString());
        }
        Reservation reservation = end.reservation();
        Settlement settlement =
                reservation == null ? null : reservation.settlement().orElse(null);
        return settlement == null ? line : withSettlement(line, settlement);
    }

    private static LoggingEventBuilder withSettlement(LoggingEventBuilder line, Settlement settlement) {
        LoggingEventBuilder more = line.addKeyValue("outcome", lower(settlement.outcome()))
                .addKeyValue("basis", lower(settlement.basis()))
                .addKeyValue("charged_tokens", settlement.charged());
        if (settlement.inputTokens() != null) {
            more = more.addKeyValue("input_tokens", settlement.inputTokens());
        }
        if (settlement.outputTokens() != null) {
            more = more.addKeyValue("output_tokens", settlement.outputTokens());
        }
        if (settlement.firstByteMillis() != null) {
            more = more.addKeyValue("first_byte_ms", settlement.firstByteMillis());
        }
        return more;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
