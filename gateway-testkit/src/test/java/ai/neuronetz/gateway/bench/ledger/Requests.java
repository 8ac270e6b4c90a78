package ai.neuronetz.gateway.bench.ledger;

import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.admin.Administration;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.identity.StoredKey;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.postgres.PostgresStores;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** What one request brings along. */
final class Requests {

    static final String MODEL = "llama3.2:3b";

    private Requests() {}

    /** A UUID of version 7, of now. */
    static UUID id() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new UUID(
                System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(0x1000),
                random.nextLong() >>> 2 | 0x8000000000000000L);
    }

    /** @param tokens at least 2 */
    static Grant grant(long tokens) {
        return new Grant(Endpoint.CHAT, MODEL, new byte[0], false, false, false, tokens - 1, 1, List.of());
    }

    /** All that was reserved was used. */
    static Settlement settlement(long tokens) {
        return new Settlement(
                Settlement.Outcome.COMPLETED, Settlement.Basis.REPORTED, tokens - 1, 1L, tokens, 200, 1L, 1L);
    }

    static KeyId key(Administration administration, String tenant) {
        byte[] code = new byte[32];
        ThreadLocalRandom.current().nextBytes(code);
        KeyId key = new KeyId(UUID.randomUUID().toString().replace("-", "").substring(0, 12));
        administration.createKey(tenant, key, "bench", code, "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", null);
        return key;
    }

    static Principal principal(PostgresStores stores, KeyId key) {
        return stores.keyStore().find(key).map(StoredKey::principal).orElseThrow();
    }
}
