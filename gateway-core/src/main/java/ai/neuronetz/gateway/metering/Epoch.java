package ai.neuronetz.gateway.metering;

import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.identity.KeyId;
import java.util.List;
import java.util.UUID;

/**
 * All the gate must know of a tenant, read from the ledger in one snapshot when a new epoch began.
 *
 * @param number greater than every one before
 * @param open reservations without a settlement
 * @param settled settlements of the last 61 seconds
 * @param admitted admissions of the last 61 seconds, for requests per minute
 */
@Internal
public record Epoch(long number, List<Open> open, List<Settled> settled, List<Admitted> admitted) {

    public Epoch {
        open = List.copyOf(open);
        settled = List.copyOf(settled);
        admitted = List.copyOf(admitted);
    }

    public record Open(UUID requestId, KeyId keyId, long tokens) {}

    public record Settled(KeyId keyId, long charged, long ageMillis) {}

    public record Admitted(KeyId keyId, long ageMillis) {}
}
