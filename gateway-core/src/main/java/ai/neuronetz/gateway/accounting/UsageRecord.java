package ai.neuronetz.gateway.accounting;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Settlement;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One admitted request after its settlement, as a {@link UsageListener} is told of it. Immutable; holds neither a prompt nor
 * a secret.
 *
 * @param requestId as in {@code X-Request-ID} and in the audit log
 * @param tenantId who is billed
 * @param keyId the key that called
 * @param endpoint path at the gateway
 * @param model the operator's spelling
 * @param outcome how the request ended
 * @param basis where the charged count comes from
 * @param inputTokens as Ollama reported them, or null
 * @param outputTokens as Ollama reported them, or null
 * @param charged tokens charged to key and tenant
 * @param overrun tokens of these beyond what was reserved; 0 for nearly all requests
 * @param duration from admission to the end
 */
public record UsageRecord(
        UUID requestId,
        String tenantId,
        KeyId keyId,
        String endpoint,
        String model,
        Settlement.Outcome outcome,
        Settlement.Basis basis,
        @Nullable Long inputTokens,
        @Nullable Long outputTokens,
        long charged,
        long overrun,
        Duration duration) {

    public UsageRecord {
        requireNonNull(requestId, "requestId");
        requireNonNull(tenantId, "tenantId");
        requireNonNull(keyId, "keyId");
        requireNonNull(endpoint, "endpoint");
        requireNonNull(model, "model");
        requireNonNull(outcome, "outcome");
        requireNonNull(basis, "basis");
        requireNonNull(duration, "duration");
    }
}
