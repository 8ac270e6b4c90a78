package ai.neuronetz.gateway.testkit.contract;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.Endpoint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/** Makes reservations that nobody has to pay for, and notes how they were settled. */
final class Reservations extends Meter {

    static final String BODY = "{\"model\":\"llama3:8b\",\"messages\":[]}";

    private static final Principal SOMEBODY =
            new Principal("acme", new KeyId("AAAAAAAAAAAA"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 1);

    private final List<Settlement> settled = new CopyOnWriteArrayList<>();

    /** A chat of so many tokens, one of them output. */
    static Grant grant(long tokens) {
        byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
        return new Grant(Endpoint.CHAT, "llama3:8b", body, true, false, false, tokens - 1, 1, List.of());
    }

    /** A UUID of version 7, of now. */
    static UUID requestId() {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        bytes.putLong(System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(0x1000));
        bytes.putLong(random.nextLong() >>> 2 | Long.MIN_VALUE);
        bytes.flip();
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    Reservation next() {
        return reserved(requestId(), SOMEBODY, grant(100), Map.of(), settled::add);
    }

    List<Settlement> settled() {
        return settled;
    }

    @Override
    public Metering reserve(UUID requestId, Principal principal, Grant grant) {
        return new Metering.Reserved(reserved(requestId, principal, grant, Map.of(), settled::add));
    }
}
