package ai.neuronetz.gateway.testkit.contract;

import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What an {@link AuditLog} promises. */
public abstract class AuditLogContract extends SpiContract {

    private static final int CALLERS = 20;

    /** The implementation; the same for all calls of one test. */
    protected abstract AuditLog auditLog();

    /** Somebody new whose denials can be written down. */
    protected abstract Principal principal();

    /** How many denials of the principal are written down by now. */
    protected abstract long denials(Principal principal);

    /** How many refusals of the source are written down by now. */
    protected abstract long refusals(String source);

    @Test
    void a_denial_is_written_down_with_and_without_a_model() {
        AuditLog log = auditLog();
        Principal principal = principal();

        log.denied(Reservations.requestId(), principal, "/api/chat", "llama3:8b", Reason.MODEL_NOT_PERMITTED);
        log.denied(Reservations.requestId(), principal, "(unknown)", null, Reason.NOT_FOUND);

        eventually("two denials are written", () -> denials(principal) == 2);
    }

    @Test
    void denials_of_many_threads_are_all_written_down() {
        AuditLog log = auditLog();
        Principal principal = principal();

        atOnce(CALLERS, caller -> {
            log.denied(Reservations.requestId(), principal, "/api/chat", null, Reason.RATE_LIMIT_TOKENS);
            return true;
        });

        eventually("all denials are written", () -> denials(principal) == CALLERS);
    }

    @Test
    void refusals_of_many_threads_are_all_counted() {
        AuditLog log = auditLog();
        String source = "source-" + UUID.randomUUID();

        atOnce(CALLERS, caller -> {
            log.refused(source, Reason.INVALID_API_KEY);
            return true;
        });

        eventually("all refusals are counted", () -> refusals(source) == CALLERS);
    }

    @Test
    void while_the_store_hangs_nobody_waits_and_nothing_is_thrown_however_much_there_is() {
        AuditLog log = auditLog();
        Principal principal = principal();

        whileStoreHangs(() -> {
            within(deadline(), () -> {
                for (int denial = 0; denial < 30_000; denial++) {
                    log.denied(new UUID(denial, 7), principal, "/api/chat", null, Reason.RATE_LIMIT_TOKENS);
                    log.refused("source-" + denial % 100, Reason.INVALID_API_KEY);
                }
                return true;
            });
        });
    }
}
