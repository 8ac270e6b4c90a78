package ai.neuronetz.gateway.upstream;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.ollama.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Reserves whatever it is asked for: a reservation is all that an upstream wants to see. */
final class TestMeter extends Meter {

    private static final Principal PRINCIPAL =
            new Principal("acme", new KeyId("AAAAAAAAAAAA"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 1);

    @Override
    public Metering reserve(UUID requestId, Principal principal, Grant grant) {
        return new Metering.Reserved(reserved(requestId, principal, grant, Map.of(), settlement -> {}));
    }

    /** A new reservation for a chat with this body. */
    Reservation reservation(String body) {
        Grant grant = new Grant(
                Endpoint.CHAT,
                "llama3:8b",
                body.getBytes(StandardCharsets.UTF_8),
                true,
                false,
                false,
                20,
                80,
                List.of());
        return reserved(UUID.randomUUID(), PRINCIPAL, grant, Map.of(), settlement -> {});
    }
}
