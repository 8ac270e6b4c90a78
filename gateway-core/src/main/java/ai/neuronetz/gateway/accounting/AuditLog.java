package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where denials are written down. (Admitted requests need no call: their admission and their settlement are their audit
 * row.)
 *
 * <p>Thread-safe; does not block. What cannot be written yet waits in a bounded queue, and what finds no place in it is
 * counted. Called by the pipeline before the denial is answered.
 */
public interface AuditLog {

    /**
     * An authenticated caller was turned away.
     *
     * @param model canonical name, if it came so far, else null
     */
    void denied(UUID requestId, Principal principal, String endpoint, @Nullable String model, Reason reason);

    /**
     * A caller without a valid key was turned away; counted per source and minute, so that no attacker can fill the disk.
     *
     * @param source address or prefix in canonical text
     */
    void refused(String source, Reason reason);
}
